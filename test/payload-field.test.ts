/** `payload.content` in a scenario file: what it becomes, how it is said, and what makes no sense. */

import { describe, expect, it } from 'vitest';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Workload } from '../dist/core/scenario.js';
import { fieldsIn, workloadKey } from '../dist/core/workload/workload-fields.js';

const file = (payload: string, more = 'targets: [ws]', kind = 'echo'): string => `kind: ${kind}
connections: 10
load: { model: open, rate: 20/s }
phases: { warmup: 1s, measure: 3s, drain: 1s }
payload: ${payload}
${more}
`;

function workloadsOf(text: string, overrides: Overrides = {}): readonly Workload[] {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join());
  return parsed.scenario.workloads;
}

/** `line:column message` of each problem. */
function complaints(text: string, overrides: Overrides = {}): string[] {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  return 'problems' in parsed
    ? parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    : ['none'];
}

const wordsOf = (workload: Workload): string[] =>
  fieldsIn(workload).flatMap(([field, value]) => (field.key === 'payload' ? field.words(value, workload) : []));

describe('payload.content', () => {
  it('is left out where it is repeat, so that workloads of older files stay the same', () => {
    const [asBefore] = workloadsOf(file('{ size: 1KiB }'));
    const [repeat] = workloadsOf(file('{ size: 1KiB, content: repeat }'));
    expect(asBefore?.payload).toEqual({ sizeBytes: 1024, type: 'text' });
    expect(workloadKey(repeat as Workload)).toBe(workloadKey(asBefore as Workload));
  });

  it('makes another workload, which says so', () => {
    const workloads = workloadsOf(file('{ size: 1KiB }', 'targets: [ws]\nsweep: { content: [repeat, json, random] }'));
    expect(workloads.map(({ payload }) => payload.content)).toEqual([undefined, 'json', 'random']);
    expect(new Set(workloads.map(workloadKey)).size).toBe(3);
    expect(workloads.map(wordsOf)).toEqual([['1.00 KiB text'], ['1.00 KiB JSON text'], ['1.00 KiB random text']]);
  });

  it('stays when the size is replaced on the command line', () => {
    const [workload] = workloadsOf(file('{ size: 1KiB, type: binary, content: random }'), { sizeBytes: 2048 });
    expect(workload?.payload).toEqual({ sizeBytes: 2048, type: 'binary', content: 'random' });
  });

  it.each([
    [
      '{ size: 36B, content: json }',
      'targets: [ws]',
      /^5:32 payload\.content: a message of 36B has a header of 36 B and no room for json; write a size of at least 64B, or content: repeat$/,
    ],
    [
      '{ size: 1KiB, content: random }',
      'targets: [ws]\nsweep: { size: [40B, 1KiB] }',
      /^5:33 payload\.content: a message of 40B/,
    ],
    [
      '{ size: 50B }',
      'targets: [ws]\nsweep: { content: [repeat, json] }',
      /^7:\d+ sweep\.content\[1\]: a message of 50B/,
    ],
    [
      '{ size: 1KiB, content: jason }',
      'targets: [ws]',
      /^5:\d+ payload\.content: "jason" is unknown; did you mean json\?/,
    ],
  ])('%s with %s is a mistake', (payload, more, sentence) => {
    const found = complaints(file(payload, more));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(sentence);
  });

  it('with a size of the command line that is too small names the flag', () => {
    expect(complaints(file('{ size: 1KiB, content: json }'), { sizeBytes: 40 }).join()).toMatch(/--size|40B/);
  });

  it('is the server’s own affair where a server of the user’s pushes', () => {
    const own = file(
      '{ size: 64B }',
      'endpoint: { url: "ws://localhost:1" }\nexchange: {}\nsweep: { content: [json] }',
      'push',
    );
    expect(complaints(own).join('\n')).toMatch(/sweep\.content: your own server decides that; remove it/);
  });
});
