/** An agent: says in Redis that it is there, and takes one trial after another from its queue. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../failure.js';
import { divideCores } from '../machine/cores.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { readLimits } from '../run/socket-limits.js';
import { WorkerPool } from '../workers/worker-pool.js';
import type { TrialJob } from './agent-message.js';
import { type AgentGround, AgentTrial } from './agent-trial.js';
import { Envelope } from './envelope.js';
import { type ClockReading, readClock } from './host-clock.js';
import {
  answersKey,
  beatMs,
  isAgentName,
  lostAfterMs,
  ordersKey,
  prefix,
  presenceKey,
  queueName,
  sweepQueues,
  trialKey,
} from './keys.js';
import { type Presence, readPresence, thisHost } from './presence.js';
import { openRedis, openWaitingRedis, type RedisAt } from './redis.js';

export interface AgentRequest {
  readonly at: RedisAt;
  readonly name: string;
  /** Worker threads; undefined: one for each core but one, which the agent itself and the kernel need. */
  readonly slots?: number | undefined;
  /** Version of bench. */
  readonly version: string;
}

/** Threads are kept so long for the next trial of a run. */
const keptMs = 60_000;
/** Of what a limit that is none is written as. */
const unlimited = 1e9;

type Fixed = Omit<Presence, 'isBusy' | 'clock'>;

export class Agent {
  #trial: { readonly id: string; readonly carried: AgentTrial } | undefined;
  #clock: ClockReading | undefined;
  #heardMs = performance.now();
  #idle: NodeJS.Timeout | undefined;
  #beats: NodeJS.Timeout | undefined;
  #worker: Worker<TrialJob> | undefined;
  /** Of the worker, which does not end it. */
  #queue: Redis | undefined;
  readonly #presence: Fixed;

  private constructor(
    private readonly ground: AgentGround,
    slots: number | undefined,
    version: string,
    private readonly onTrial: (isBusy: boolean) => void,
  ) {
    const { openFiles, ports } = readLimits();
    const { cores, name } = ground;
    this.#presence = {
      ...{ name, instance: randomUUID(), bench: version, node: process.versions.node, ...thisHost() },
      ...{ hostname: hostname(), pid: process.pid, cores: cores.runners.length + (cores.server === undefined ? 0 : 1) },
      ...{ slots: slots ?? cores.runners.length },
      ...{ openFiles: Math.min(unlimited, openFiles), ports: Math.min(unlimited, ports) },
    };
  }

  /** @throws UsageError when Redis cannot be used, or another agent has the name. @param onTrial called as trials begin and end. */
  static async start({ at, name, slots, version }: AgentRequest, onTrial: (isBusy: boolean) => void): Promise<Agent> {
    if (!isAgentName(name))
      throw new UsageError('--name: up to 64 letters, digits, dots, dashes and underscores are expected');
    const redis = await openRedis(at);
    const waiting = await openWaitingRedis(at);
    const ground = { name, redis, waiting, envelope: new Envelope(), pool: new WorkerPool() };
    const agent = new Agent({ ...ground, cores: divideCores(), clock: monotonicClock() }, slots, version, onTrial);
    try {
      await agent.#claimName();
      await agent.#takeTrials(waiting);
      return agent;
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  get slots(): number {
    return this.#presence.slots;
  }

  /** Leaves in good order: the run is told, and nothing stays in Redis. */
  async stop(): Promise<void> {
    clearInterval(this.#beats);
    clearTimeout(this.#idle);
    const { redis, waiting, pool, name } = this.ground;
    this.#trial?.carried.abort('it was stopped by its user');
    // A Redis that is gone is not waited for.
    await Promise.race([this.#worker?.close(), sleep(lostAfterMs)]);
    await pool.dismiss();
    const leave = async (): Promise<void> => {
      await redis.del(presenceKey(name));
      await sweepQueues(redis);
    };
    await leave().catch(() => {});
    for (const connection of [redis, waiting, this.#queue]) connection?.disconnect();
  }

  /** An agent that was killed is there until its presence has expired. */
  async #claimName(): Promise<void> {
    const { name, redis, clock } = this.ground;
    this.#clock = await readClock(redis, clock);
    const untilMs = performance.now() + lostAfterMs + beatMs;
    while (!(await redis.set(presenceKey(name), this.#text(), 'PX', lostAfterMs, 'NX'))) {
      if (performance.now() > untilMs)
        throw new UsageError(`an agent with the name ${name} is there already; choose another with --name`);
      await sleep(beatMs);
    }
    this.#beats = setInterval(() => void this.#beat().catch(() => this.#miss()), beatMs);
  }

  async #takeTrials(waiting: Redis): Promise<void> {
    const { Worker } = await import('bullmq');
    const { name } = this.ground;
    const connection = waiting.duplicate();
    this.#queue = connection;
    connection.on('error', () => {});
    this.#worker = new Worker<TrialJob>(queueName(name), (job) => this.#take(job), {
      ...{ connection, prefix, concurrency: 1, maxStalledCount: 0 },
      ...{ lockDuration: 3 * lostAfterMs, stalledInterval: lostAfterMs, drainDelay: 1 },
      ...{ removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
    });
    // It connects again by itself.
    this.#worker.on('error', () => {});
    await this.#worker.waitUntilReady();
  }

  async #take({ data: { trial: id } }: Job<TrialJob>): Promise<void> {
    const { redis } = this.ground;
    if ((await redis.exists(trialKey(id))) === 0) return;
    clearTimeout(this.#idle);
    const carried = new AgentTrial(this.ground, id);
    this.#trial = { id, carried };
    this.onTrial(true);
    try {
      await carried.run();
    } finally {
      this.#trial = undefined;
      await this.#sweep(id).catch(() => {});
      this.#idle = setTimeout(() => void this.ground.pool.dismiss(), keptMs);
      this.onTrial(false);
    }
  }

  /** What was said to a run that was killed, or by it, nobody reads any more. */
  async #sweep(trial: string): Promise<void> {
    const { redis, name } = this.ground;
    if ((await redis.exists(trialKey(trial))) === 0) await redis.del(ordersKey(trial, name), answersKey(trial));
  }

  /** Says that it is there, and looks whether the run still is. */
  async #beat(): Promise<void> {
    const { name, redis, clock } = this.ground;
    const trial = this.#trial;
    // Its threads have the cores in a trial, and the reading of its beginning holds.
    if (trial === undefined) this.#clock = await readClock(redis, clock);
    const there = readPresence(await redis.get(presenceKey(name)));
    if (there === undefined || there.instance === this.#presence.instance)
      await redis.set(presenceKey(name), this.#text(), 'PX', lostAfterMs);
    if (trial !== undefined && (await redis.exists(trialKey(trial.id))) === 0)
      trial.carried.abort('the run is not there any more');
    this.#heardMs = performance.now();
  }

  #miss(): void {
    if (performance.now() - this.#heardMs > lostAfterMs) this.#trial?.carried.abort('Redis does not answer');
  }

  #text(): string {
    return JSON.stringify({ ...this.#presence, isBusy: this.#trial !== undefined, clock: this.#clock });
  }
}
