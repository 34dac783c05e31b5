/** Proves of the scenarios that ship: each is right, asks a question, explains itself, and is over in two minutes. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kindNames } from '../dist/core/kind.js';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Scenario, Workload } from '../dist/core/scenario.js';
import { targetNames } from '../dist/runners/target-catalogue.js';

const targets = targetNames();
const folder = new URL('../scenarios/', import.meta.url);
const files = readdirSync(folder);
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

function scenarioOf(file: string, overrides: Overrides = {}): Scenario {
  const parsed = parseScenario(textOf(file), file, targets, overrides);
  expect(parsed, file).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

/** Starting a server and ending it, beside the connections and the phases; the drain ends when all has arrived. */
const overheadMs = 1_000;
/** No target opens connections faster for a single worker. */
const mostOpenedPerSecond = 5_000;
/** Before the first trial, the clients are rehearsed. */
const rehearsalMs = 10_000;

function trialMs({ connections, connect, phases, outage }: Workload): number {
  const openingMs = (connections * 1000) / Math.min(connect.ratePerSecond, mostOpenedPerSecond);
  // What an outage loses is waited for in vain.
  const drainMs = outage === undefined ? 0 : phases.drainMs;
  return overheadMs + openingMs + phases.warmupMs + phases.measureMs + drainMs;
}

function runMs({ targets: asked, workloads, trials, search }: Scenario): number {
  if (search) return rehearsalMs + search.budgetMs;
  return rehearsalMs + asked.length * trials * workloads.reduce((sum, workload) => sum + trialMs(workload), 0);
}

describe.each(files)('%s', (file) => {
  it('opens with its question, tells editors its schema and explains itself', () => {
    const lines = textOf(file).split('\n');
    expect(scenarioOf(file).question).toBe(lines[0]?.slice(2));
    expect(lines[0]).toMatch(/^# [A-Z].*\?$/);
    expect(lines[1]).toBe('# yaml-language-server: $schema=../scenario.schema.json');
    const comments = lines.slice(2).filter((line) => line.startsWith('# '));
    expect(comments.length).toBeGreaterThanOrEqual(2);
    expect(comments.length).toBeLessThanOrEqual(4);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  it('is planned to be over in two minutes, a search in three, and under --quick sooner', () => {
    const scenario = scenarioOf(file);
    expect(runMs(scenario)).toBeLessThan(scenario.search ? 181_000 : 120_000);
    expect(runMs(scenarioOf(file, { quick: true }))).toBeLessThan(90_000);
  });
});

describe('the catalogue', () => {
  it('has a scenario of every kind', () => {
    const kinds = files.flatMap((file) => scenarioOf(file).workloads.map(({ kind }) => kind));
    expect([...new Set(kinds)].toSorted()).toEqual(kindNames.toSorted());
  });

  it('asks each of its questions once', () => {
    const questions = files.map((file) => scenarioOf(file).question);
    expect(new Set(questions).size).toBe(files.length);
  });

  it('meets every sort of blocking and outage, even under --quick', () => {
    const met = files.flatMap((file) => scenarioOf(file, { quick: true }).workloads);
    expect(new Set(met.flatMap(({ blocking }) => blocking ?? []))).toEqual(new Set(['refuse', 'swallow', 'cut']));
    expect(new Set(met.flatMap(({ outage }) => outage?.how ?? []))).toEqual(new Set(['reset', 'restart', 'process']));
  });
});
