/** What a workload is about: the figures that a report shows first, the one by which it ranks targets before the others. */

import { isShared, isSilent, isStorm } from './kind.js';
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

const cpuWords: LeadWords = {
  verb: 'costs the server',
  share: 'the CPU',
  ratioEnd: '',
  valueEnd: ' of CPU for a delivery',
  lower: 'less CPU',
  higher: 'more CPU',
};
const timeWords = (what: string): LeadWords => ({
  verb: 'takes',
  share: 'the time',
  ratioEnd: ` ${what}`,
  valueEnd: ` ${what}`,
  lower: 'faster',
  higher: 'slower',
});
const memoryWords = (what: string): LeadWords => ({
  verb: 'takes',
  share: 'the memory',
  ratioEnd: ` ${what}`,
  valueEnd: ` of memory ${what}`,
  lower: 'less memory',
  higher: 'more memory',
});

/** The first that applies is taken. */
const headlines: readonly Headline[] = [
  {
    appliesTo: ({ outage }) => outage !== undefined,
    words: timeWords('until every connection is back'),
    figures: [
      lower('reconnection.reconnectUs.maxUs', 'all back'),
      lower('reconnection.reconnectUs.p50Us', 'half back'),
      lower('reconnection.peakPerSecond', 'peak'),
      lower('reconnection.lost', 'missed, lost'),
      lower('reconnection.lostInside', 'lost inside'),
      memory,
    ],
    told: { figure: 'reconnection.reconnectUs.p50Us', words: 'Half of the connections are back after' },
  },
  {
    appliesTo: ({ blocking }) => blocking !== undefined,
    words: {
      verb: 'connects',
      share: 'as many',
      ratioEnd: '',
      valueEnd: ' of its connections',
      lower: 'fewer',
      higher: 'more',
    },
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
    words: {
      verb: 'takes',
      share: 'the bytes',
      ratioEnd: ' for a message to the client',
      valueEnd: ' for a message to the client',
      lower: 'fewer bytes',
      higher: 'more bytes',
    },
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
    words: {
      verb: 'delivers',
      share: 'the messages',
      ratioEnd: '',
      valueEnd: '',
      lower: 'fewer',
      higher: 'more',
    },
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
