/** One trial on an agent: takes the orders of the run, has its worker threads obey, and says what they answered. */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/schedule.js';
import { type Cores, pinRunners, unpin, without } from '../machine/cores.js';
import { messageOf } from '../run/trial-failure.js';
import { entryOf } from '../workers/sides.js';
import type { WorkerPool } from '../workers/worker-pool.js';
import type { AgentAnswer, Order } from './agent-message.js';
import { AgentMeters } from './agent-meters.js';
import type { Envelope } from './envelope.js';
import { readClock } from './host-clock.js';
import { answersKey, ordersKey } from './keys.js';
import { hear, say } from './mailbox.js';

export interface AgentGround {
  readonly name: string;
  readonly redis: Redis;
  /** For this reader alone. */
  readonly waiting: Redis;
  readonly envelope: Envelope;
  readonly pool: WorkerPool;
  readonly cores: Cores;
  readonly clock: Clock;
}

type Answer = AgentAnswer extends infer Each ? (Each extends AgentAnswer ? Omit<Each, 'agent'> : never) : never;

/** Nobody is to be told of the end. */
class Aborted extends Error {}

export class AgentTrial {
  readonly #over = new AbortController();
  #meters: AgentMeters | undefined;

  constructor(
    private readonly ground: AgentGround,
    private readonly trial: string,
  ) {}

  /** Ends the trial because nobody waits for it any more, or the agent is to end. */
  abort(why: string): void {
    this.#over.abort(new Error(why));
  }

  /** Resolves when the trial is over; its threads are dismissed unless it ended well. */
  async run(): Promise<void> {
    const { pool } = this.ground;
    try {
      await this.#obeyAll();
    } catch (error) {
      await pool.dismiss();
      if (!(error instanceof Aborted)) await this.#answer({ type: 'failed', why: messageOf(error) }).catch(() => {});
    } finally {
      this.#over.abort();
      await this.#meters?.end();
    }
  }

  async #obeyAll(): Promise<void> {
    const { signal } = this.#over;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    aborted.catch(() => {});
    for (let next = this.#hear(); ; ) {
      const order = await Promise.race([next, aborted]);
      next = this.#hear();
      // An order that comes before the answer is to abort.
      const cut = next.then(() => Promise.reject(new Aborted()));
      cut.catch(() => {});
      const answer = await Promise.race([this.#obey(order), cut, aborted]);
      if (!(await this.#answer(answer))) throw new Aborted();
      if (order.type === 'tell' && order.expects === 'done') return;
    }
  }

  /** @throws Aborted */
  async #hear(): Promise<Exclude<Order, { type: 'abort' }>> {
    const { waiting, envelope, name } = this.ground;
    const order = await hear<Order>(waiting, envelope, ordersKey(this.trial, name), this.#over.signal);
    if (order === undefined || order.type === 'abort') throw new Aborted();
    return order;
  }

  async #obey(order: Exclude<Order, { type: 'abort' }>): Promise<Answer> {
    const { pool, redis, clock, cores } = this.ground;
    if (order.type === 'provide') {
      const { threads, fresh, serverCores, isAlone } = order;
      const own = serverCores ? without(cores, serverCores) : cores;
      if (serverCores) await pinRunners(own);
      else unpin(cores);
      await pool.provide(threads, fresh);
      this.#meters = new AgentMeters(own, threads, isAlone);
      return { type: 'provided', clock: await readClock(redis, clock) };
    }
    const { expects, messages } = order;
    this.#meters?.beforeTelling(messages[0]);
    const answers = await pool.ask(expects, (thread) => entryOf(messages, thread));
    if (expects !== 'done') return { type: 'told', answers };
    const reading = await this.#meters?.end();
    this.#meters = undefined;
    return { type: 'told', answers, reading };
  }

  #answer(answer: Answer): Promise<boolean> {
    const { redis, envelope, name } = this.ground;
    return say(redis, envelope, this.trial, answersKey(this.trial), { agent: name, ...answer });
  }
}
