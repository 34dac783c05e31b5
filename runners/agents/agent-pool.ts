/** The agents of a run as its workers: numbers the threads of all of them through, and adds up what they measured. */

import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../failure.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { plannedMsOf } from '../run/session.js';
import { entryOf } from '../workers/sides.js';
import type { FromWorker, ToWorker } from '../workers/worker-message.js';
import type { Answer, Elsewhere, Workers } from '../workers/workers.js';
import type { AgentAnswer, AgentReading, Order } from './agent-message.js';
import { boundUs, type Clocked, largestBoundUs, onClockOf } from './clock-shifts.js';
import { beyondLimits, type Demand, deal, workersOn } from './dealing.js';
import { Envelope, keyVariable } from './envelope.js';
import { readClock } from './host-clock.js';
import { beatMs, sweepQueues } from './keys.js';
import { agentsPresent, type Presence, thisHost, unlike } from './presence.js';
import { openRedis, openWaitingRedis, type RedisAt } from './redis.js';
import { dismissed, type Meeting, TrialOfAgents } from './trial-of-agents.js';

/** An agent may have to end another trial first. */
const provideLimitMs = 30_000;
/** What opening threads, or adding up what they counted, may take beyond what is planned. */
const graceMs = 60_000;
/** After Redis or an agent was lost, it may take so long until agents are heard of again. */
const settleMs = 20_000;

/** An agent in a trial. */
interface Member extends Clocked {
  readonly agent: Presence;
  /** Numbers of its workers in the trial. */
  readonly workers: readonly number[];
}

export class AgentPool implements Workers {
  /** Orders pass through Redis. */
  readonly startDelayMs = 500;
  elsewhere: Elsewhere | undefined;
  readonly #own = thisHost();
  readonly #clock = monotonicClock();
  #members: readonly Member[] = [];
  #run: Clocked = { host: '', clock: { offsetUs: 0, boundUs: 0, wallAheadMs: 0 } };
  #trial: TrialOfAgents | undefined;
  #connections: readonly number[] = [];
  #fresh = false;
  /** Counts how often they were dismissed: a trial that was being begun then is not begun. */
  #dismissals = 0;
  #askLimitMs = graceMs;
  #serverCores: readonly number[] = [];

  private constructor(
    private readonly meeting: Meeting,
    private agents: readonly Presence[],
    private readonly versions: Pick<Presence, 'bench' | 'node'>,
  ) {}

  /** @param bench its version. @throws UsageError when Redis cannot be used, or the agents cannot measure with this run. */
  static async open(at: RedisAt, bench: string): Promise<AgentPool> {
    const redis = await openRedis(at);
    const versions = { bench, node: process.versions.node };
    try {
      await sweepQueues(redis);
      const agents = await agentsPresent(redis);
      if (agents.length === 0)
        throw new UsageError(
          `no agent is at ${at.shown}; start one on each host with \`bench agent --redis ${at.shown}\``,
        );
      const problems = unlike(agents, versions);
      if (problems.length > 0) throw new UsageError(problems.join('\n'));
      const waiting = await openWaitingRedis(at);
      return new AgentPool({ redis, waiting, envelope: new Envelope() }, agents, versions);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  /** Of agents on this machine. */
  get pids(): readonly number[] {
    return this.#members.flatMap(({ agent }) => (agent.processes === this.#own.processes ? agent.pid : []));
  }

  get names(): readonly string[] {
    return this.agents.map(({ name }) => name);
  }

  /** Whether all of them reach the loopback addresses of this host. */
  get areHere(): boolean {
    return this.agents.every(({ host }) => host === this.#own.host);
  }

  get areElsewhere(): boolean {
    return this.agents.every(({ machine }) => machine !== this.#own.machine);
  }

  leaveToServer(cores: readonly number[]): void {
    this.#serverCores = cores;
  }

  /** As many as the connections call for, and as agents have slots. */
  workersFor(connections: number, asked: number | undefined): number {
    return workersOn(this.agents, connections, asked);
  }

  /** Why these agents cannot hold the connections; empty when they can. */
  problems(demand: Demand, asked: number | undefined): string[] {
    return beyondLimits(this.agents, this.workersFor(demand.workload.connections, asked), demand);
  }

  /** What is said to a user's own server passes through Redis, and may be secret. @throws UsageError without a key. */
  requireKey(): void {
    if (!this.meeting.envelope.isSealed)
      throw new UsageError(
        `what is said to a server of your own may be secret and would pass through Redis: set ${keyVariable} to the same text ` +
          'of your choice here and at every agent',
      );
  }

  async provide(count: number, fresh = false): Promise<number> {
    const before = this.#dismissals;
    if (fresh) this.#fresh = true;
    await this.#trial?.end(true);
    this.elsewhere = undefined;
    if (this.#fresh) this.agents = await this.#thoseThere();
    const { redis } = this.meeting;
    const dealt = deal(this.agents, Math.min(count, this.workersFor(count, count)));
    const taking = this.agents.flatMap((agent, i) => (dealt[i] ? [{ agent, threads: dealt[i] }] : []));
    this.#run = { host: this.#own.host, clock: await readClock(redis, this.#clock) };
    const trial = await TrialOfAgents.begin(
      this.meeting,
      taking.map(({ agent }) => agent),
    );
    if (this.#dismissals !== before) {
      await trial.end(true);
      throw new Error(dismissed);
    }
    this.#trial = trial;
    const machines = [this.#own.machine, ...taking.map(({ agent }) => agent.machine)];
    const orderOf = (i: number): Order => {
      const { agent, threads } = entryOf(taking, i);
      const serverCores = agent.machine === this.#own.machine ? this.#serverCores : undefined;
      const isAlone = machines.filter((machine) => machine === agent.machine).length === 1;
      return { type: 'provide', threads, fresh: this.#fresh, serverCores, isAlone };
    };
    const answers = await trial.ask(orderOf, provideLimitMs);
    this.#fresh = false;
    let next = 0;
    this.#members = taking.map(({ agent, threads }, i): Member => {
      const workers = Array.from({ length: threads }, () => next++);
      return { agent, workers, host: agent.host, clock: clockIn(entryOf(answers, i)) };
    });
    return next;
  }

  async ask<T extends FromWorker['type']>(type: T, message: (worker: number) => ToWorker): Promise<Answer<T>[]> {
    const trial = this.#trial;
    if (trial === undefined) throw new Error(dismissed);
    const seats = this.#members.flatMap((member) => member.workers.map(() => member));
    const messages = seats.map((_, worker) => message(worker));
    this.#learn(messages);
    const orderOf = (i: number): Order => {
      const own = entryOf(this.#members, i);
      const tell = (worker: number) => onClockOf(own, entryOf(messages, worker), seats, this.#run);
      return { type: 'tell', expects: type, messages: own.workers.map(tell) };
    };
    const told = (await trial.ask(orderOf, this.#askLimitMs)).map(answersIn);
    const answers = told.flatMap(({ answers }) =>
      answers.filter((answer): answer is Answer<T> => answer.type === type),
    );
    if (answers.length !== seats.length) throw new Error(`${answers.length} of ${seats.length} workers answered`);
    const last = told.map(({ reading }) => reading);
    if (type === 'done') {
      this.elsewhere = this.#sum(
        told.map(({ answers }) => answers),
        last,
      );
      this.#trial = undefined;
      await trial.end(false);
    }
    return answers;
  }

  async dismiss(): Promise<void> {
    const trial = this.#trial;
    this.#dismissals++;
    this.#trial = undefined;
    this.#members = [];
    this.#fresh = true;
    await trial?.end(true);
  }

  /** Ends the connections to Redis, in which nothing is left of this run. */
  async close(): Promise<void> {
    const { redis, waiting } = this.meeting;
    await this.dismiss();
    await sweepQueues(redis).catch(() => {});
    redis.disconnect();
    waiting.disconnect();
  }

  /** Those that can take part now. @throws Error in one sentence when there are none for a while. */
  async #thoseThere(): Promise<Presence[]> {
    const before = this.#dismissals;
    for (const untilMs = performance.now() + settleMs; ; await sleep(beatMs)) {
      if (this.#dismissals !== before) throw new Error(dismissed);
      const found = await agentsPresent(this.meeting.redis).catch((): Presence[] => []);
      const fit = found.filter((agent) => unlike([agent], this.versions).length === 0);
      const isAll = this.agents.every(({ name }) => fit.some((agent) => agent.name === name && !agent.isBusy));
      if (isAll || (fit.length > 0 && performance.now() > untilMs - settleMs / 2)) return fit;
      if (performance.now() > untilMs) throw new Error(`no \`bench agent\` was heard of for ${settleMs / 1000} s`);
    }
  }

  /** From the shares: how long an answer may take, and who opens how many connections. */
  #learn(messages: readonly ToWorker[]): void {
    const shares = messages.flatMap((message) => (message.type === 'trial' ? [message.shares[0]] : []));
    const [first] = shares;
    if (first === undefined) return;
    const { workload } = first;
    this.#connections = shares.map(({ connections }) => connections);
    this.#askLimitMs = plannedMsOf(workload) + workload.phases.drainMs + workload.connect.timeoutMs + graceMs;
  }

  #sum(answers: readonly (readonly FromWorker[])[], readings: readonly (AgentReading | undefined)[]): Elsewhere {
    const known = readings.flatMap((reading) => reading ?? []);
    const total = (of: (reading: AgentReading) => number) => known.reduce((sum, reading) => sum + of(reading), 0);
    const others = known.flatMap(({ othersShare }) => othersShare ?? []);
    const hosts = [this.#run, ...this.#members];
    const agents = this.#members.map((member, i) => {
      const { agent, workers } = member;
      const parts = (answers[i] ?? []).flatMap((answer) => (answer.type === 'done' ? (answer.sides[0] ?? []) : []));
      const figures = {
        ...{ workers: workers.length, cores: agent.cores },
        connections: workers.reduce((sum, worker) => sum + (this.#connections[worker] ?? 0), 0),
        eventLoopUtilization: Math.max(0, ...parts.map(({ metrics }) => metrics.eventLoopUtilization)),
        cpuPercent: readings[i]?.cpuPercent ?? 0,
        rssBytes: readings[i]?.rssBytes ?? 0,
        clockBoundUs: boundUs(member, this.#run),
      };
      return [agent.name, figures] as const;
    });
    return {
      agents: Object.fromEntries(agents),
      process: {
        cpuPercent: total(({ cpuPercent }) => cpuPercent),
        rssBytes: total(({ rssBytes }) => rssBytes),
        connectRssBytes: total(({ connectRssBytes }) => connectRssBytes),
        stolenShare: Math.max(0, ...known.map(({ stolenShare }) => stolenShare)),
        generatorStopped: known.some(({ generatorStopped }) => generatorStopped),
        othersShare: others.length > 0 ? Math.max(...others) : undefined,
      },
      clockBoundUs: hosts.every(({ host }) => host === this.#own.host) ? undefined : largestBoundUs(hosts),
    };
  }
}

/** @throws Error when an agent answered something else, which is a bug. */
function clockIn(answer: AgentAnswer) {
  if (answer.type !== 'provided') throw new Error(`agent ${answer.agent} answered ${answer.type}`);
  return answer.clock;
}

/** @throws Error when an agent answered something else, which is a bug. */
function answersIn(answer: AgentAnswer) {
  if (answer.type !== 'told') throw new Error(`agent ${answer.agent} answered ${answer.type}`);
  return answer;
}
