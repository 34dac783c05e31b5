/** docs/scenarios.md knows every scenario that ships, and no other. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const names = readdirSync(new URL('../scenarios/', import.meta.url)).map((file) => file.replace(/\.yaml$/, ''));
const questionOf = (name: string): string => textOf(`scenarios/${name}.yaml`).split('\n')[0]!.slice('# '.length);
const page = textOf('docs/scenarios.md');

describe('the table in docs/scenarios.md', () => {
  const rows = [...page.matchAll(/^\| \[`([\w-]+)`\]\(#\1\) \| ([^|]+) \| [^|]+ \|$/gm)];

  it('lists every scenario with the question that it answers', () => {
    const listed = rows.map(([, name, question]) => [name!, question!] as const);
    expect(new Map(listed)).toEqual(new Map(names.map((name) => [name, questionOf(name)])));
    expect(listed.length).toBe(names.length);
  });
});

describe('docs/scenarios.md', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);

  it('has a section for every scenario after the one that holds for all', () => {
    expect(headings.slice(1).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('opens the section on %s with its question', (name) => {
    expect(page).toContain(`\n## ${name}\n\n_${questionOf(name)}_`);
  });

  it('links to sections that there are', () => {
    const anchors = headings.map((heading) => heading.toLowerCase().replaceAll(' ', '-'));
    const linked = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
    expect(linked.toSorted()).toEqual(anchors.toSorted());
  });
});
