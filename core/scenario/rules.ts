/** What must hold between the fields of a scenario file, each being right by itself. */

import { maxWorkloads } from '../field-sorts.js';
import { maxRelativeGates, tooManyRelative } from '../gates/gate.js';
import { parseGate } from '../gates/gate-syntax.js';
import { isPushed, isScheduled, isSilent, isStorm, kindFields, kindNames, uses } from '../kind.js';
import { leastVariedBytes } from '../payload/content.js';
import { headerBytes, maxSequence } from '../payload/message.js';
import { writeDuration, writeRate, writeSize } from '../units.js';
import { defaultAckTimeoutMs, slowReadersOf } from '../workload/optional-fields.js';
import { defaultPublishers } from '../workload/required-fields.js';
import { fieldEntries } from '../workload/workload-fields.js';
import { serverRules } from './endpoint-rules.js';
import { outageRules } from './outage-rules.js';
import { combinations, fewest, most, type SoundFields, sweptValues, type Violation, violation } from './schema.js';
import { searchRules } from './search-rules.js';
import type { KnownTargets } from './targets.js';
import { variantRules } from './variant-rules.js';

/** All rules that `file` breaks; none for a file whose sweep is wrong, because nearly all of them look at it. */
export function violations(file: SoundFields, describe: KnownTargets['describe']): Violation[] {
  if (!('sweep' in file)) return [];
  return [
    ...serverRules(file),
    ...variantRules(file, describe),
    ...useless(file),
    ...missing(file),
    ...answerless(file),
    ...modelMismatches(file),
    ...tooManyWorkloads(file),
    ...ladderWithoutSteps(file),
    ...moreThanConnections(file),
    ...tooManySlowReaders(file),
    ...readersThatCannotStop(file),
    ...stormTooLong(file),
    ...outageRules(file, describe),
    ...acknowledgedTooLate(file),
    ...tooSmallForContent(file),
    ...sequenceOverflows(file),
    ...tooManyRelativeGates(file),
    ...searchRules(file),
  ];
}

function modelMismatches({ load, sweep }: SoundFields): Violation[] {
  if (load === undefined || load.model === 'search') return [];
  const stranger = load.model === 'open' ? 'inflight' : 'rate';
  return sweep?.[stranger] === undefined ? [] : [violation(foreign(stranger), ['sweep', stranger])];
}

const models = { rate: 'open', arrivals: 'open', inflight: 'closed' } as const;

export function isModelKey(key: string): key is keyof typeof models {
  return Object.hasOwn(models, key);
}

/** The sentence for a key of the other load model. */
export function foreign(key: keyof typeof models): string {
  const other = models[key] === 'open' ? 'a closed' : 'an open';
  return `${other} loop has no ${key}: remove it or use model: ${models[key]}`;
}

function tooManyWorkloads({ sweep }: SoundFields): Violation[] {
  const count = combinations(sweep);
  const message = `multiplies to ${count} workloads, of which at most ${maxWorkloads} are allowed; shorten a list`;
  return count > maxWorkloads ? [violation(message, 'sweep')] : [];
}

function ladderWithoutSteps({ stopAbove, sweep }: SoundFields): Violation[] {
  if (stopAbove === undefined || combinations(sweep) > 1) return [];
  const message = 'only a ladder stops, and a ladder has steps; write them as sweep: { connections: [1000, 2000] }';
  return [violation(message, 'stopAbove')];
}

function moreThanConnections(file: SoundFields): Violation[] {
  const connections = fewest(sweptValues(file, 'connections'));
  if (connections === undefined) return [];
  const most = connections.value;
  const sentences = {
    publishers: (value: number) => `publishers are connections that send, so ${value} of ${most} is impossible`,
    rooms: (value: number) => `every room needs a member, so ${value} rooms for ${most} connections are too many`,
  };
  return (['publishers', 'rooms'] as const).flatMap((key) =>
    sweptValues(file, key)
      .filter(({ value }) => value > most)
      .map(({ value, path }) => violation(`${sentences[key](value)}; at most ${most}`, path, connections.path)),
  );
}

/** The first combination of connections and publishers that leaves too few to read slowly. */
function tooManySlowReaders(file: SoundFields): Violation[] {
  const { kind, slowReaders } = file;
  if (kind === undefined || slowReaders === undefined || !('publishers' in file)) return [];
  for (const connections of sweptValues(file, 'connections')) {
    const publishers = most(sweptValues(file, 'publishers'));
    const sending = publishers?.value ?? defaultPublishers(kind, connections.value);
    const slow = slowReadersOf(slowReaders, connections.value);
    if (sending <= connections.value && slow + sending > connections.value)
      return [
        violation(
          `slow readers do not send, and ${slow} of them with ${sending} that publish are more than ` +
            `${connections.value} connections; lower one of them`,
          'slowReaders',
          publishers?.path ?? 'publishers',
          connections.path,
        ),
      ];
  }
  return [];
}

/** The WebSocket of browsers, which Node.js has, too, reads all the time. */
function readersThatCannotStop({ client, slowReaders }: SoundFields): Violation[] {
  if (client !== 'undici' || slowReaders === undefined) return [];
  const message = 'the undici client cannot stop reading; write client: wire or client: library, or remove slowReaders';
  return [violation(message, 'client', 'slowReaders')];
}

function tooManyRelativeGates({ gates = [] }: SoundFields): Violation[] {
  const relative = gates.flatMap((text, index) => {
    const gate = parseGate(text);
    return 'is' in gate && gate.is === 'relative' ? [index] : [];
  });
  const first = relative[maxRelativeGates];
  return first === undefined ? [] : [violation(tooManyRelative, ['gates', first])];
}

const disjunction = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Fields that a kind has no use for, with the flags that may have filled them, and lists that vary them. */
function useless({ kind, sweep = {}, ...file }: SoundFields): Violation[] {
  if (kind === undefined) return [];
  return kindFields.flatMap((field) => {
    if (uses(kind, field)) return [];
    const [, { swept, flags = {} } = {}] = fieldEntries.find(([, { key }]) => key === field) ?? [];
    const others = disjunction.format(kindNames.filter((other) => uses(other, field)));
    const useOf = (key: string, ...paths: Violation['fields']) =>
      violation(`kind ${kind} has no use for ${key}: remove it or use kind: ${others}`, ...paths);
    const lists = Object.keys(swept?.() ?? {}).filter((key) => Object.hasOwn(sweep, key));
    const varied = lists.map((key) => useOf(key, ['sweep', key]));
    if (file[field] === undefined) return varied;
    return [useOf(field, [field], ...Object.values(flags).map(({ path }) => path)), ...varied];
  });
}

/** Fields without which a kind cannot do. */
function missing(file: SoundFields): Violation[] {
  return fieldEntries.flatMap(([, { key, needed }]): Violation[] => {
    const used = kindFields.some((field) => field === key && file.kind !== undefined && uses(file.kind, field));
    const isGiven = !(key in file) || file[key] !== undefined || Object.hasOwn(file.sweep ?? {}, key);
    // A user's own server decides what it pushes.
    if (file.kind !== undefined && isPushed(file.kind) && file.endpoint !== undefined) return [];
    return needed === undefined || !used || isGiven ? [] : [violation(`missing; write ${key}: ${needed}`, key)];
  });
}

function answerless({ kind, load }: SoundFields): Violation[] {
  if (kind === undefined || load?.model !== 'closed' || !isScheduled(kind)) return [];
  const message = `kind ${kind} follows a schedule and waits for no answer: use model: open`;
  return [violation(message, 'load.model', 'load.inflight')];
}

/** Kind connect opens its connections while it is measured, and must be able to open all of them. */
function stormTooLong(file: SoundFields): Violation[] {
  const { kind, phases, load } = file;
  const connections = most(sweptValues(file, 'connections'));
  const rate = fewest(sweptValues(file, 'rate'));
  if (kind === undefined || !isStorm(kind) || !phases || !connections || !rate) return [];
  const isRandom = load?.model === 'open' && load.arrivals === 'poisson';
  const openings = isRandom ? mostArrivals(connections.value) : connections.value;
  const neededMs = Math.ceil((openings * 1000) / rate.value);
  const givenMs = phases.warmup + phases.measure;
  if (neededMs <= givenMs) return [];
  const message =
    `opening ${count(connections.value, 'connection')} at ${writeRate(rate.value)} takes ${isRandom ? 'up to ' : ''}${writeDuration(neededMs)}, and ` +
    `warm-up and measurement last ${writeDuration(givenMs)}; raise the rate, ask for fewer connections or lengthen phases.measure`;
  return [violation(message, rate.path, connections.path, 'phases.measure', 'phases.warmup')];
}

/** What times out must be known at the end. */
function acknowledgedTooLate(file: SoundFields): Violation[] {
  const { kind, ack, phases } = file;
  if (!kind || !uses(kind, 'ack') || !('ack' in file) || !phases) return [];
  const timeoutMs = ack?.timeout ?? defaultAckTimeoutMs;
  if (timeoutMs <= phases.drain) return [];
  const message =
    `an acknowledgement is waited for ${writeDuration(timeoutMs)} (ack.timeout), which the drain of ` +
    `${writeDuration(phases.drain)} cuts short; lengthen phases.drain or shorten ack.timeout`;
  if (ack === undefined) return [violation(message, 'phases.drain', 'ack.timeout')];
  return [violation(message, 'ack.timeout', 'phases.drain')];
}

/** A message is header and padding, and it is the padding that has a content. */
function tooSmallForContent({ payload, sweep = {} }: SoundFields): Violation[] {
  const asked = sweep.content?.map((content, index) => ({ content, path: ['sweep', 'content', index] as const })) ?? [
    { content: payload?.content, path: ['payload', 'content'] as const },
  ];
  const varied = asked.find(({ content }) => content !== undefined && content !== 'repeat');
  const size = Math.min(...(sweep.size ?? (payload?.size === undefined ? [] : [payload.size])));
  if (varied === undefined || size >= leastVariedBytes) return [];
  const message =
    `a message of ${writeSize(size)} has a header of ${headerBytes} B and no room for ${varied.content}; write a size of ` +
    `at least ${writeSize(leastVariedBytes)}, or content: repeat`;
  return [violation(message, varied.path, sweep.size ? 'sweep.size' : 'payload.size')];
}

/** A header numbers each sender's messages with 30 bits; a closed loop has no rate from which to foresee the count. */
function sequenceOverflows(file: SoundFields): Violation[] {
  const { kind, phases } = file;
  const connections = fewest(sweptValues(file, 'connections'));
  const publishers = fewest(sweptValues(file, 'publishers'));
  // An absent `publishers` key means the default, a wrong one means that the number of senders is unknown.
  if (!kind || !phases || !connections || !('publishers' in file)) return [];
  if (isStorm(kind) || isSilent(kind)) return [];
  const isServer = isPushed(kind);
  const senders = isServer ? 1 : (publishers?.value ?? defaultPublishers(kind, connections.value));
  const milliseconds = phases.warmup + phases.measure;
  const remedy = `lower the rate${isServer ? ' or shorten the phases' : ', shorten the phases or add publishers'}`;
  return sweptValues(file, 'rate')
    .filter(({ value }) => mostArrivals((value / senders) * (milliseconds / 1000)) > maxSequence)
    .map(({ value, path }) => {
      const message =
        `${writeRate(value)} by ${isServer ? 'the server' : count(senders, 'publisher')} for ${writeDuration(milliseconds)} ` +
        `is more than the ${maxSequence} messages that one sender can number; ${remedy}`;
      const counted = [publishers?.path ?? 'publishers', connections.path];
      return violation(message, path, 'phases.measure', 'phases.warmup', ...counted);
    });
}

/** Random arrivals may exceed their mean; ten standard deviations are never seen. */
function mostArrivals(mean: number): number {
  return Math.ceil(mean + 10 * Math.sqrt(mean));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
