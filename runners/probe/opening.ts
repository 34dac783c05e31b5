/** Opens a line over each transport of Socket.IO, or a plain WebSocket, stage by stage. */

import { ConnectError } from '../../core/client.js';
import { type Endpoint, requestHeaders, requestPath } from '../../core/exchange/endpoint.js';
import { fillAll, type Variables } from '../../core/exchange/placeholders.js';
import type { Clock } from '../../core/schedule.js';
import type { StageWatch } from '../clients/connecting/stage-watch.js';
import { deflateOffer } from '../clients/deflate/agreement.js';
import { type EngineioOpen, parseEngineioOpen } from '../clients/engineio/engineio-packet.js';
import { withCookies } from '../clients/engineio/http-exchange.js';
import { packetStart } from '../clients/own/utterance-text.js';
import { refusalIn } from '../clients/socketio/socketio-connection.js';
import { parseSocketioPacket } from '../clients/socketio/socketio-packet.js';
import type { Line } from './line.js';
import { PollingLine } from './polling-line.js';
import type { ProbedTransport, Stage } from './probe-report.js';
import { WebSocketLine } from './websocket-line.js';

/** What an opening needs. */
export interface Asked {
  readonly endpoint: Endpoint;
  /** The values of its placeholders. */
  readonly variables: Variables;
  readonly clock: Clock;
  readonly watch: StageWatch;
  readonly signal: AbortSignal;
}

export interface OpenLine {
  readonly line: Line;
  readonly headers: ReadonlyMap<string, string>;
  /** Absent for plain WebSocket. */
  readonly engineio?: EngineioOpen;
}

/** Until Engine.IO is open, or changed to WebSocket. @throws ConnectError */
export const openers: Readonly<Record<ProbedTransport, (asked: Asked) => Promise<OpenLine>>> = {
  async websocket(asked) {
    const line = await webSocketOf(asked, { EIO: '4', transport: 'websocket' });
    return { line, headers: line.headers, engineio: await engineioOf(line, asked.watch) };
  },
  async polling({ endpoint, variables, ...rest }) {
    const line = await PollingLine.open(endpoint, variables, rest);
    const engineio = await engineioOf(line, rest.watch);
    line.begin(engineio.sid);
    return { line, headers: line.headers, engineio };
  },
  async upgrade(asked) {
    const { endpoint, variables, ...rest } = asked;
    const polling = await PollingLine.open(endpoint, variables, rest);
    const engineio = await engineioOf(polling, rest.watch);
    const query = { EIO: '4', transport: 'websocket', sid: engineio.sid };
    const line = await webSocketOf(asked, query, {}, polling.cookies);
    line.send('2probe');
    const { data } = await line.next();
    if (data !== '3probe') throw new ConnectError('engineio:no-probe', 'the probe of the upgrade was not answered');
    line.send('5');
    rest.watch.end('upgrade');
    polling.close();
    return { line, headers: polling.headers, engineio };
  },
};

/** A plain WebSocket. @throws ConnectError */
export async function openPlain(asked: Asked): Promise<OpenLine & { readonly line: WebSocketLine }> {
  const line = await webSocketOf(asked, {});
  return { line, headers: line.headers };
}

/** Joins the namespace on a line that is open. @throws ConnectError when the server does not let it. */
export async function joinNamespace({ line }: OpenLine, { endpoint, variables, watch }: Asked): Promise<void> {
  const { auth } = endpoint;
  line.send(packetStart(endpoint, 0) + (auth === undefined ? '' : JSON.stringify(fillAll(auth, variables))));
  for (;;) {
    const { data } = await line.next();
    if (data === '2') line.send('3');
    // Before protocol 5 nobody had to ask for the main namespace.
    if (data === '40') throw new ConnectError('connect:engineio-3');
    if (data === '1' || data === '41') throw new ConnectError('connect:hung-up');
    const packet = typeof data === 'string' && data.startsWith('4') ? parseSocketioPacket(data.slice(1)) : undefined;
    if (packet?.type === 'refused') throw new ConnectError('connect:socketio-refused', refusalIn(packet.data));
    if (packet?.type !== 'connect') continue;
    watch.end('socketio');
    return;
  }
}

/** What permessage-deflate comes to when the server is offered it; undefined where it does not take it. */
export async function compressionOf(asked: Asked): Promise<string | undefined> {
  const offer = { 'Sec-WebSocket-Extensions': deflateOffer };
  const isSocketio = asked.endpoint.protocol === 'socketio';
  try {
    const line = await webSocketOf(asked, isSocketio ? { EIO: '4', transport: 'websocket' } : {}, offer);
    line.close();
    return undefined;
  } catch (error) {
    const isChosen = error instanceof ConnectError && error.message === 'connect:unexpected-extension';
    return isChosen ? error.answer : undefined;
  }
}

function webSocketOf(
  { endpoint, variables, ...rest }: Asked,
  query: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
  cookies = '',
): Promise<WebSocketLine> {
  const headers = withCookies({ ...requestHeaders(endpoint, variables), ...more }, cookies);
  return WebSocketLine.open(endpoint, requestPath(endpoint, variables, query), headers, rest);
}

async function engineioOf(line: Line, watch: StageWatch): Promise<EngineioOpen> {
  const { data } = await line.next();
  const open = typeof data === 'string' && data.startsWith('0') ? parseEngineioOpen(data.slice(1)) : undefined;
  if (open === undefined) throw new ConnectError('engineio:bad-open');
  watch.end('engineio');
  return open;
}

/** The stages that have ended, each from the end of the one before. */
export function stagesOf(
  { soFar: { stagesUs, costs } }: StageWatch,
  { namespace, protocol }: Endpoint,
  transport: ProbedTransport,
): Stage[] {
  // The library of Socket.IO does not tell when a WebSocket is open.
  const first = transport !== 'websocket' ? 'HTTP polling, ' : stagesUs.websocket === undefined ? 'HTTP upgrade, ' : '';
  const names = {
    tcp: 'TCP',
    tls: 'TLS',
    websocket: 'HTTP upgrade',
    engineio: `${first}Engine.IO open`,
    upgrade: 'upgrade to WebSocket',
    socketio: protocol === 'socketio' ? `namespace ${namespace}` : '',
  };
  const ended = (Object.keys(names) as (keyof typeof names)[]).filter((stage) => stagesUs[stage] !== undefined);
  const inOrder = ended.toSorted((one, other) => (stagesUs[one] ?? 0) - (stagesUs[other] ?? 0));
  let [beforeUs, outBefore, inBefore] = [0, 0, 0];
  return inOrder.map((stage) => {
    const { bytesIn = 0, bytesOut = 0 } = costs[stage] ?? {};
    const endUs = stagesUs[stage] ?? 0;
    const made = {
      name: names[stage],
      ms: (endUs - beforeUs) / 1000,
      bytesOut: bytesOut - outBefore,
      bytesIn: bytesIn - inBefore,
    };
    [beforeUs, outBefore, inBefore] = [endUs, bytesOut, bytesIn];
    return made;
  });
}
