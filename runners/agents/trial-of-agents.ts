/** One trial as its run leads it: gives each agent its job, says what each is to do, and fails when one is not heard of. */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { AgentFailure } from '../workers/workers.js';
import type { AgentAnswer, Order, TrialJob } from './agent-message.js';
import type { Envelope } from './envelope.js';
import { answersKey, beatMs, lostAfterMs, ordersKey, prefix, presenceKey, queueName, trialKey } from './keys.js';
import { hear, say } from './mailbox.js';
import { type Presence, readPresence } from './presence.js';

/** What a run has of Redis. */
export interface Meeting {
  readonly redis: Redis;
  /** For the reader of answers alone. */
  readonly waiting: Redis;
  readonly envelope: Envelope;
}

const seconds = lostAfterMs / 1000;

/** What waits for workers that are dismissed is told. */
export const dismissed = 'the workers were dismissed';

export class TrialOfAgents {
  readonly #id = randomUUID();
  readonly #over = new AbortController();
  readonly #queues: Queue<TrialJob>[] = [];
  /** By name, of agents that are asked something. */
  readonly #asked = new Map<string, (answer: AgentAnswer) => void>();
  #heardMs = performance.now();
  #beats: NodeJS.Timeout | undefined;
  #fail: (error: Error) => void = () => {};
  readonly #failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  private constructor(
    private readonly meeting: Meeting,
    private readonly agents: readonly Presence[],
  ) {
    this.#failed.catch(() => {});
  }

  /** Gives each agent its job. @throws Error in one sentence when Redis fails. */
  static async begin(meeting: Meeting, agents: readonly Presence[]): Promise<TrialOfAgents> {
    const trial = new TrialOfAgents(meeting, agents);
    try {
      await trial.#begin();
      return trial;
    } catch (error) {
      await trial.end(true);
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { redis } = this.meeting;
    await redis.set(trialKey(this.#id), '1', 'PX', lostAfterMs);
    this.#beats = setInterval(() => void this.#beat().catch(() => this.#miss()), beatMs);
    void this.#hearAll();
    const { Queue } = await import('bullmq');
    const options = { attempts: 1, removeOnComplete: true, removeOnFail: true };
    for (const { name } of this.agents) {
      const queue = new Queue<TrialJob>(queueName(name), {
        ...{ connection: redis, prefix, skipMetasUpdate: true, streams: { events: { maxLen: 10 } } },
      });
      queue.on('error', () => {});
      this.#queues.push(queue);
      await queue.add('trial', { trial: this.#id }, options);
    }
  }

  /**
   * Says something to each agent and waits for all answers.
   * @throws AgentFailure, or Error in one sentence, when one fails, is lost, or takes longer than `limitMs`.
   */
  async ask(orderOf: (agent: number) => Order, limitMs: number): Promise<AgentAnswer[]> {
    const { redis, envelope } = this.meeting;
    const answers = this.agents.map(
      ({ name }) => new Promise<AgentAnswer>((resolve) => void this.#asked.set(name, resolve)),
    );
    const timer = setTimeout(() => this.#fail(this.#late(limitMs)), limitMs);
    try {
      const said = this.agents.map(({ name }, i) =>
        say(redis, envelope, this.#id, ordersKey(this.#id, name), orderOf(i)),
      );
      await Promise.race([Promise.all(said), this.#failed]);
      return await Promise.race([Promise.all(answers), this.#failed]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whatever still waits for an answer fails; nothing of the trial stays in Redis. @param isAborted agents are told. */
  async end(isAborted: boolean): Promise<void> {
    clearInterval(this.#beats);
    this.#over.abort();
    this.#fail(new Error(dismissed));
    // What Redis does not delete now, because it is gone, it has lost or deletes by itself.
    await Promise.race([this.#erase(isAborted).catch(() => {}), sleep(lostAfterMs, undefined, { ref: false })]);
  }

  async #erase(isAborted: boolean): Promise<void> {
    const { redis, envelope } = this.meeting;
    const lists = this.agents.map(({ name }) => ordersKey(this.#id, name));
    const order: Order = { type: 'abort' };
    if (isAborted) await Promise.all(lists.map((list) => say(redis, envelope, this.#id, list, order)));
    // Jobs that nobody has taken; one that is being worked on ends by itself.
    for (const queue of this.#queues) await queue.drain();
    await redis.del(trialKey(this.#id), answersKey(this.#id), ...lists);
  }

  async #hearAll(): Promise<void> {
    const { waiting, envelope } = this.meeting;
    const { signal } = this.#over;
    try {
      for (;;) {
        const answer = await hear<AgentAnswer>(waiting, envelope, answersKey(this.#id), signal);
        if (answer === undefined) return;
        if (answer.type === 'failed') this.#fail(new AgentFailure(answer.agent, answer.why));
        this.#asked.get(answer.agent)?.(answer);
        this.#asked.delete(answer.agent);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Says that the run is there, and looks whether the agents are. */
  async #beat(): Promise<void> {
    const { redis } = this.meeting;
    const kept = await redis.set(trialKey(this.#id), '1', 'PX', lostAfterMs, 'XX');
    if (this.#over.signal.aborted) return;
    if (kept === null) this.#fail(new Error('Redis has lost the trial: it was restarted, or did not answer for long'));
    const texts = await redis.mget(this.agents.map(({ name }) => presenceKey(name)));
    this.#heardMs = performance.now();
    for (const [i, { name, instance }] of this.agents.entries())
      if (readPresence(texts[i] ?? null)?.instance !== instance)
        this.#fail(
          new AgentFailure(
            name,
            `it was not heard of for ${seconds} s: it was killed or stopped, or its network was cut`,
          ),
        );
  }

  #miss(): void {
    if (performance.now() - this.#heardMs > lostAfterMs) this.#fail(new Error(`Redis did not answer for ${seconds} s`));
  }

  #late(limitMs: number): Error {
    const [name = ''] = [...this.#asked.keys()];
    return new AgentFailure(name, `it did not answer within ${Math.round(limitMs / 1000)} s`);
  }
}
