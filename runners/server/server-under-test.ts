/**
 * Server under test, as the clients of a trial meet it: its process, and the proxy before it where the workload asks for
 * one. A server that an outage restarts is still the same server under test.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import { isBehindProxy, isPushed } from '../../core/kind.js';
import { type EncodedTally, Tally } from '../../core/measure/tally.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import type { TrialLine } from '../../core/result.js';
import type { Outage, Workload } from '../../core/scenario.js';
import { type Clock, notYet, type Window } from '../../core/schedule.js';
import { processTree } from '../machine/core-time.js';
import type { Cores } from '../machine/cores.js';
import { ProxyProcess } from '../proxy/proxy-process.js';
import { type OwnProcess, OwnServerProcess } from './own-server-process.js';
import type { HostRequest, ServerReading } from './server-message.js';
import { ServerProcess } from './server-process.js';
import type { PushPlan } from './server-push.js';

/** Keeps the choice of a victim apart from the load's own random gaps. */
const seedBranch = 0x6b696c6c;
/** Beyond the end of its window, a server may be late with its answer by so much before it counts as dead. */
const answerGraceMs = 15_000;

interface UnderTestRequest {
  readonly workload: Workload;
  readonly request: HostRequest;
  readonly cores: Cores;
  readonly seed: number;
  readonly clock: Clock;
  /** A user's own server, in place of the one that is requested. */
  readonly own?: { readonly endpoint: Endpoint; readonly process: OwnProcess } | undefined;
}

export class ServerUnderTest {
  #server: ServerProcess | OwnServerProcess;
  #fail: (error: Error) => void = () => {};
  /** Rejects when server or proxy end without having been told to, or fail in what they were asked. */
  readonly died = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });
  #window: Window = notYet;
  #reading: Promise<ServerReading | undefined> | undefined;
  /** Since it began to be measured, by every server that there was. */
  #pushes: Promise<EncodedTally>[] = [];
  #load: Workload['load'] = { model: 'none' };
  #outage: Promise<void> = Promise.resolve();
  readonly #over = new AbortController();

  private constructor(
    private readonly ground: UnderTestRequest,
    server: ServerProcess | OwnServerProcess,
    private readonly proxy: ProxyProcess | undefined,
  ) {
    this.#server = server;
    this.died.catch(() => {});
    this.#watch(server.died);
    if (proxy) this.#watch(proxy.ended);
  }

  /** @throws Error in one sentence when server or proxy does not listen in time. */
  static async start(ground: UnderTestRequest): Promise<ServerUnderTest> {
    const { workload, request, cores, own, clock } = ground;
    if (own) {
      const server = await OwnServerProcess.start(own.endpoint, own.process, cores, clock);
      return new ServerUnderTest(ground, server, undefined);
    }
    const server = await ServerProcess.start(request, cores);
    if (!isBehindProxy(workload)) return new ServerUnderTest(ground, server, undefined);
    try {
      const { host, alsoListen } = request;
      const { blocking } = workload;
      const wish = { targetPort: server.port, host, alsoListen, ...(blocking && { blocking }) };
      return new ServerUnderTest(ground, server, await ProxyProcess.start(wish, cores));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Where clients connect. */
  get port(): number {
    return this.proxy?.port ?? this.#server.port;
  }

  /** Of the server's processes; none where they are not known. */
  get pids(): readonly number[] {
    return this.#server.pids;
  }

  /** Of the processes that serve, and of what these have started by now: by them the CPU of short windows is read. */
  get serving(): readonly number[] {
    return [...new Set(this.#server.serving.flatMap(processTree))];
  }

  /** Of the proxy's process, where there is one. */
  get proxyPid(): number | undefined {
    return this.proxy?.pid;
  }

  /** Of its processes, and of what stands beside them. */
  get cores(): Cores {
    return this.ground.cores;
  }

  /** Whether Redis or a proxy stands beside it. */
  get hasCompanions(): boolean {
    return this.#server.hasCompanions;
  }

  get settings(): TrialLine['settings'] {
    return this.#server.settings;
  }

  /**
   * From now on it is measured, sends what it is to send unasked, and has its outage when the time comes. May be called
   * again for a later window, under another load.
   */
  begin(window: Window, load: Workload['load']): void {
    this.#window = window;
    this.#load = load;
    this.#pushes = [];
    this.#measure(window.measureFromUs);
    this.#push(window.startUs, this.#outageUs());
    const { outage } = this.ground.workload;
    // Before a user's own server there is no proxy: its clients end their connections themselves.
    if (!outage || (this.ground.own && outage.how === 'reset')) return;
    const atMs = this.#untilMs(this.#struckUs(outage));
    this.#outage = this.#strike(outage, atMs);
    this.#outage.catch((error) => this.#over.signal.aborted || this.#fail(error));
  }

  #strike({ how }: Outage, atMs: number): Promise<void> {
    const { signal } = this.#over;
    if (how === 'process') return this.#killOne(atMs, signal);
    const proxy = this.proxy ?? { cutAll: () => Promise.resolve(0), retarget: () => {} };
    const server = { kill: () => this.#kill(), restart: () => this.#restart() };
    return strike({ how }, proxy, server, atMs, signal);
  }

  /** One of several processes, which the seed says. */
  async #killOne(atMs: number, signal: AbortSignal): Promise<void> {
    await moment(atMs, signal);
    const random = seededRandom(deriveSeed(this.ground.seed, seedBranch)).next();
    if (this.#server instanceof ServerProcess) await this.#server.killOne(random);
  }

  /** What was sent unasked until the end of the window; resolves after it. */
  async pushed(): Promise<Tally> {
    await this.#outage;
    const sum = new Tally();
    for (const tally of await Promise.all(this.#pushes)) sum.add(Tally.decode(tally));
    return sum;
  }

  async reading(): Promise<ServerReading | undefined> {
    await this.#outage;
    return this.#reading;
  }

  /** Profiles the server from now until the last span of the plan is over; undefined where it cannot be profiled. */
  async profile(plan: ProfilePlan): Promise<ProfileReading | undefined> {
    const lastUs = plan.spans.at(-1)?.[1] ?? 0;
    return this.#server.profile(plan, this.#untilMs(lastUs) + answerGraceMs);
  }

  /** Ends both processes; resolves when they are gone. */
  async stop(): Promise<void> {
    this.#over.abort();
    // A server that is being started has to be there before it can be stopped.
    await this.#outage.catch(() => {});
    await Promise.all([this.proxy?.stop(), this.#server.stop()]);
  }

  #watch(died: Promise<never>): void {
    died.catch((error) => this.#fail(error));
  }

  #struckUs({ afterMs }: Outage): number {
    return this.#window.measureFromUs + afterMs * 1000;
  }

  /** Until when the first server sends: one that is to be killed stops before, so that what it sent is known. */
  #outageUs(): number {
    const { outage } = this.ground.workload;
    return outage?.how === 'restart' ? this.#struckUs(outage) : this.#window.measureToUs;
  }

  #untilMs(atUs: number): number {
    return Math.max(0, atUs - this.ground.clock.nowUs()) / 1000;
  }

  #measure(fromUs: number): void {
    const { measureToUs } = this.#window;
    this.#reading = this.#server.measure(fromUs, measureToUs, this.#untilMs(measureToUs) + answerGraceMs);
    this.#reading.catch(() => {});
  }

  /** Kind push: the server sends what is due between two times. */
  #push(fromUs: number, toUs: number): void {
    const { workload, seed } = this.ground;
    if (!isPushed(workload.kind) || this.#load.model !== 'open' || !(this.#server instanceof ServerProcess)) return;
    const { ratePerSecond, arrivals } = this.#load;
    const load = { ratePerSecond, arrivals, seed, ...workload.payload };
    const { startUs, measureFromUs, drainToUs } = this.#window;
    const plan: PushPlan = { ...load, startUs, fromUs, measureFromUs, measureToUs: toUs, drainToUs };
    const pushing = this.#server.push(plan, this.#untilMs(drainToUs) + answerGraceMs);
    pushing.catch((error) => this.#over.signal.aborted || this.#fail(error));
    this.#pushes.push(pushing);
  }

  async #kill(): Promise<void> {
    await this.#pushes.at(-1);
    this.#server.expectDeath();
    this.#server.kill();
    await this.#server.gone;
  }

  async #restart(): Promise<number> {
    const { request, cores, own, clock } = this.ground;
    const server = await (own
      ? OwnServerProcess.start(own.endpoint, own.process, cores, clock)
      : ServerProcess.start(request, cores));
    this.#server = server;
    this.#watch(server.died);
    const { measureToUs } = this.#window;
    // The figures are those of the server that is there at the end.
    this.#measure(Math.min(this.ground.clock.nowUs(), measureToUs));
    this.#push(this.#outageUs(), measureToUs);
    return server.port;
  }
}

/**
 * An outage `atMs` from now, of a server that can be killed, and replaced by one whose port is returned; resolves when
 * connections reach a server again. Between a kill and the restart the proxy resets new connections, as the kernel of a
 * host does where nothing listens.
 * @throws the reason of `signal` when that aborts; and whatever server and proxy fail with.
 */
export async function strike(
  { how }: { readonly how: Exclude<Outage['how'], 'process'> },
  proxy: Pick<ProxyProcess, 'cutAll' | 'retarget'>,
  server: { kill(): Promise<void>; restart(): Promise<number> },
  atMs: number,
  signal: AbortSignal,
): Promise<void> {
  await moment(atMs, signal);
  if (how === 'reset') {
    await proxy.cutAll();
    return;
  }
  await server.kill();
  signal.throwIfAborted();
  proxy.retarget(await server.restart());
}

/** @throws the reason of `signal` when that aborts before. */
async function moment(atMs: number, signal: AbortSignal): Promise<void> {
  // Rejects when the signal aborts, with an error that does not say why: the line after it does.
  await sleep(atMs, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
