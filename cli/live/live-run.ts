/** Shows a run as a page while it goes on: its current step, the trials that have ended, and the report of these. */

import type { RunLine, TrialLine } from '../../core/result.js';
import type { Scenario } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { workloadLabels } from '../../reports/heading.js';
import { dataJson, pageDocument } from '../../reports/page/document.js';
import type { Page, Section } from '../../reports/page/page.js';
import { reportPage } from '../../reports/page/report-page.js';
import { summarise } from '../../reports/report.js';
import { ReadTrials } from '../../reports/results/read-trial.js';
import { UsageError } from '../../runners/failure.js';
import type { RunObserver, Step } from '../../runners/run/session.js';
import type { Phase } from '../../runners/run/trial-run.js';
import { version } from '../package-version.js';
import { expectedMs, Remaining } from '../progress.js';
import { eventsPath, type LiveEvent, LiveServer, type LiveSource } from './live-server.js';
import { type Current, statusSection, trialsSection } from './run-sections.js';

export const liveOptions = {
  live: { type: 'boolean', describe: 'Serve the report on 127.0.0.1 while the run goes on; its address is printed' },
  'live-port': { type: 'number', describe: 'Port of --live, which it includes (default: any that is free)' },
} as const;

export interface LiveFlags {
  readonly live?: boolean | undefined;
  readonly livePort?: number | undefined;
}

/** @returns undefined where no page is asked for; 0: any that is free. @throws UsageError where it is no port. */
export function livePortOf({ live, livePort }: LiveFlags): number | undefined {
  if (livePort === undefined) return live ? 0 : undefined;
  if (Number.isInteger(livePort) && livePort >= 0 && livePort <= 65_535) return livePort;
  throw new UsageError('--live-port: a whole number from 0 to 65535 is expected; 0 takes any port that is free');
}

export class LiveRun implements RunObserver, LiveSource {
  readonly #remaining = new Remaining();
  readonly #beganMs = Date.now();
  readonly #trials = new ReadTrials();
  readonly #labelOf: (trial: Pick<TrialLine, 'workload'>) => string | undefined;
  #run: RunLine | undefined;
  #current: Current | undefined;

  private constructor(
    private readonly scenario: Scenario,
    private readonly server: LiveServer,
  ) {
    const labels = workloadLabels(scenario.workloads);
    const byKey = new Map(scenario.workloads.map((workload, i) => [workloadKey(workload), labels[i]]));
    this.#labelOf = ({ workload }) => byKey.get(workloadKey(workload));
    server.show(this);
  }

  /** @param port 0: any that is free. @throws UsageError where it cannot be had. */
  static async start(scenario: Scenario, port: number): Promise<LiveRun> {
    const document = pageDocument(emptyPage(scenario), eventsPath);
    return new LiveRun(scenario, await LiveServer.start({ document, port, flags: ['--live', '--live-port'] }));
  }

  get url(): URL {
    return this.server.url;
  }

  /** Tells another observer all that it is told itself. */
  beside(other: RunObserver): RunObserver {
    return {
      began: (run) => {
        other.began(run);
        this.began(run);
      },
      warmingUp: (target) => {
        other.warmingUp(target);
        this.warmingUp(target);
      },
      phase: (step, attempt, phase) => {
        other.phase(step, attempt, phase);
        this.phase(step, attempt, phase);
      },
      ended: (step, line) => {
        other.ended(step, line);
        this.ended(step, line);
      },
      measuringMemory: () => other.measuringMemory?.(),
    };
  }

  began(run: RunLine): void {
    this.#run = run;
  }

  warmingUp(target: string): void {
    this.#current = { is: 'warm-up', target };
  }

  phase(step: Step, attempt: number, phase: Phase): void {
    if (phase === 'starting') this.#remaining.begin();
    const beganMs = this.#current?.is === 'trial' && phase !== 'starting' ? this.#current.beganMs : Date.now();
    this.#current = { is: 'trial', step, attempt, phase, beganMs, label: this.#labelOf(step) };
  }

  /** Between two trials: what this takes, no trial pays for. */
  ended(step: Step, line: TrialLine): void {
    this.#trials.add(line);
    this.#remaining.finish(expectedMs(step));
    this.#current = { is: 'between', step };
    if (!this.server.hasViewers || this.#run === undefined) return;
    const report = summarise({
      run: this.#run,
      trials: this.#trials.all,
      partial: true,
      isRunning: true,
      warnings: [],
    });
    const { download: _, ...page } = reportPage(report, this.#trials.all);
    this.server.tell({ name: 'report', data: dataJson(this.#withSections(page)) });
  }

  /** Without a report, which takes too long while a trial runs; the next one that ends brings it. */
  greeting(): LiveEvent {
    return { name: 'report', data: dataJson(this.#withSections(emptyPage(this.scenario))) };
  }

  tick(): LiveEvent {
    return { name: 'status', data: dataJson(this.#status()) };
  }

  /** @param page of the report of the whole run. */
  end(page: () => Page): void {
    if (this.server.hasViewers) this.server.tell({ name: 'end', data: dataJson(page()) });
  }

  /** Whatever the viewers do, nothing of it keeps the process. */
  stop(): void {
    this.server.stop();
  }

  #withSections(page: Page): Page {
    return { ...page, opening: [this.#status(), ...trialsSection(this.#trials.all, this.#labelOf), ...page.opening] };
  }

  #status(): Section {
    const seconds = Math.round((Date.now() - this.#beganMs) / 1000);
    return statusSection(this.#current, this.#trials.all, seconds, this.#remaining);
  }
}

function emptyPage({ question, name }: Scenario): Page {
  return {
    title: question === '' ? name : question,
    about: [],
    series: [],
    opening: [],
    parts: [],
    closing: [],
    foot: `Written by bench ${version}.`,
  };
}
