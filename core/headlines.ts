/** What a workload is about: the figures that a report shows first, the one by which it ranks targets before the others. */

import { isShared, isSilent, isStorm, losesProcess } from './kind.js';
import type { TrialFigureName } from './measure/trial-figure.js';
import type { Workload } from './scenario.js';

export interface HeadlineFigure {
  readonly figure: TrialFigureName;
  /** Head of its column. */
  readonly label: string;
  readonly better: 'lower' | 'higher';
  /** Where there is room for it: not in tables of text and Markdown. */
  readonly isAside?: true;
}

/** How a sentence says what the leading figure of a target is, alone or against another target. */
export interface LeadWords {
  /** `uws costs the server 0.53× the CPU of ws`. */
  readonly verb: string;
  readonly share: string;
  /** After the ratio, and after the value of a single target: `costs the server 3.90 µs of CPU for a delivery`. */
  readonly ratioEnd: string;
  readonly valueEnd: string;
  /** Of the verdict of a row: `less CPU` where the figure is lower. */
  readonly lower: string;
  readonly higher: string;
}

interface Headline {
  readonly appliesTo: (workload: Workload) => boolean;
  readonly words: LeadWords;
  /** The first leads. */
  readonly figures: readonly HeadlineFigure[];
  /** Said in a sentence of its own, with the words before the values. */
  readonly told?: { readonly figure: TrialFigureName; readonly words: string };
  /** Work that a target can fall behind with: what was asked for and what was delivered belong side by side. */
  readonly isPaced?: true;
}

const lower = (figure: TrialFigureName, label: string): HeadlineFigure => ({ figure, label, better: 'lower' });
const higher = (figure: TrialFigureName, label: string): HeadlineFigure => ({ figure, label, better: 'higher' });

const cpu = lower('server.cpuUsPerDelivery', 'CPU/delivery');
/** Of processes beside the server, where there are any. */
const besideCpu = [
  lower('server.redisCpuUsPerDelivery', 'Redis CPU/delivery'),
  lower('server.proxyCpuUsPerDelivery', 'proxy CPU/delivery'),
];
const memory = lower('server.rssBytesPerConnection', 'memory/connection');
const lastReceiver = lower('last.p50', 'last receiver');
const aside = (figure: HeadlineFigure): HeadlineFigure => ({ ...figure, isAside: true });
const latencies = (of: 'response' | 'service') => [
  lower(`${of}.p50`, 'p50'),
  aside(lower(`${of}.p95`, 'p95')),
  lower(`${of}.p99`, 'p99'),
];

/** @param verdicts of a row, where the figure is lower and where it is higher. */
const leadWords = (
  [verb, share]: readonly [string, string],
  [lower, higher]: readonly [string, string],
  ratioEnd = '',
  valueEnd = ratioEnd,
): LeadWords => ({ verb, share, ratioEnd, valueEnd, lower, higher });
const cpuWords = leadWords(['costs the server', 'the CPU'], ['less CPU', 'more CPU'], '', ' of CPU for a delivery');
const timeWords = (what: string) => leadWords(['takes', 'the time'], ['faster', 'slower'], ` ${what}`);
const memoryWords = (what: string) =>
  leadWords(['takes', 'the memory'], ['less memory', 'more memory'], ` ${what}`, ` of memory ${what}`);

const allBack = lower('reconnection.reconnectUs.maxUs', 'all back');
const halfBack = lower('reconnection.reconnectUs.p50Us', 'half back');
const missed = lower('reconnection.lost', 'missed, lost');
const lostInside = lower('reconnection.lostInside', 'lost inside');
const toldBack = { figure: halfBack.figure, words: 'Half of the connections are back after' };

/** The first that applies is taken. */
const headlines: readonly Headline[] = [
  {
    // The wait of the clients before they try again is most of the time that they are away, and the same for all targets.
    appliesTo: (workload) => losesProcess(workload) && isShared(workload.kind),
    words: leadWords(
      ['misses', 'the deliveries'],
      ['misses fewer', 'misses more'],
      ', at connections that are away',
      ' deliveries at connections that are away',
    ),
    figures: [missed, lostInside, allBack, halfBack, memory],
    told: toldBack,
  },
  {
    appliesTo: ({ outage }) => outage !== undefined,
    words: timeWords('until every connection is back'),
    figures: [allBack, halfBack, lower('reconnection.peakPerSecond', 'peak'), missed, lostInside, memory],
    told: toldBack,
  },
  {
    appliesTo: ({ blocking }) => blocking !== undefined,
    words: leadWords(['connects', 'as many'], ['fewer', 'more'], '', ' of its connections'),
    figures: [
      higher('connectedShare', 'connected'),
      lower('connect.message.p50Us', 'first message'),
      ...latencies('response'),
    ],
  },
  {
    appliesTo: ({ kind }) => isStorm(kind),
    words: timeWords('until a connection is ready'),
    figures: [
      lower('connect.ready.p50Us', 'ready p50'),
      lower('connect.ready.p99Us', 'ready p99'),
      { ...cpu, label: 'CPU/connection' },
      memory,
    ],
    told: { figure: 'connect.ready.p99Us', words: '99 % of the connections are ready after' },
  },
  {
    appliesTo: ({ kind }) => isSilent(kind),
    words: memoryWords('for a connection'),
    figures: [
      lower('holding.serverRssBytesPerConnection', 'RSS/connection'),
      lower('holding.kernelBytesPerConnection', 'kernel'),
      lower('holding.bytesOutPerHour', 'out, an hour'),
      lower('holding.serverCpuUsPerHour', 'CPU, an hour'),
    ],
    told: { figure: 'holding.kernelBytesPerConnection', words: 'The kernel takes for both ends of a connection' },
  },
  {
    appliesTo: ({ slowReaders }) => slowReaders !== undefined,
    words: { ...memoryWords('for the slow readers'), share: 'the additional memory', valueEnd: ' more memory' },
    figures: [
      lower('slowReaders.serverRssGrowthBytes', 'RSS grew by'),
      lower('slowReaders.dropped', 'dropped'),
      ...latencies('response'),
      cpu,
    ],
    told: { figure: 'response.p99', words: 'For the others, 99 % of the deliveries arrive within' },
    isPaced: true,
  },
  {
    appliesTo: ({ layers }) => layers === true,
    words: leadWords(['takes', 'the bytes'], ['fewer bytes', 'more bytes'], ' for a message to the client'),
    figures: [
      lower('layers.bytesIn.total', 'bytes to client'),
      cpu,
      lower('layers.bytesOut.total', 'bytes to server'),
      higher('deliveredPerSecond', 'delivered'),
      memory,
    ],
    told: { figure: 'server.cpuUsPerDelivery', words: 'A delivery costs the server' },
  },
  {
    appliesTo: ({ load }) => load.model === 'closed',
    words: leadWords(['delivers', 'the messages'], ['fewer', 'more']),
    figures: [
      ...[higher('deliveredPerSecond', 'delivered'), cpu, ...besideCpu],
      ...[...latencies('service'), lastReceiver, memory],
    ],
    told: { figure: 'server.cpuUsPerDelivery', words: 'A delivery costs the server' },
  },
  {
    // Pushes of a server of one's own: there is no schedule that bench knows.
    appliesTo: ({ load }) => load.model === 'none',
    words: cpuWords,
    figures: [cpu, ...besideCpu, ...latencies('service'), memory],
    told: { figure: 'service.p99', words: '99 % of the deliveries arrive within' },
    isPaced: true,
  },
  {
    appliesTo: ({ kind }) => isShared(kind),
    words: cpuWords,
    figures: [cpu, ...besideCpu, ...latencies('response'), lastReceiver, memory],
    told: { figure: 'last.p50', words: 'The last receiver has a message after' },
    isPaced: true,
  },
  {
    appliesTo: () => true,
    words: cpuWords,
    figures: [cpu, ...besideCpu, ...latencies('response'), memory],
    told: { figure: 'response.p99', words: '99 % of the deliveries arrive within' },
    isPaced: true,
  },
];

export function headlineOf(workload: Workload): Headline {
  const found = headlines.find(({ appliesTo }) => appliesTo(workload));
  if (found === undefined) throw new Error('no headline applies');
  return found;
}
