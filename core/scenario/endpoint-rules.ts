/** What must hold between the server of a scenario file, targets or an endpoint, and what is said to it. */

import type { Audience } from '../exchange/endpoint.js';
import { hasGuests, isAcknowledged, isPushed, isSilent, type Kind } from '../kind.js';
import type { AskedExchange } from '../workload/exchange-field.js';
import { type AskedEndpoint, schemes } from './endpoint-schema.js';
import { type SoundFields, type Violation, violation } from './schema.js';

/** Kinds that a server can serve without having been written for bench, and who may be owed a delivery there. */
const audiencesOf: Readonly<Partial<Record<Kind, readonly Audience[]>>> = {
  echo: ['sender'],
  ack: ['sender'],
  connect: ['sender'],
  broadcast: ['all', 'room', 'others', 'unknown'],
  room: ['room', 'others', 'unknown'],
  presence: ['others'],
  push: ['unknown'],
  idle: ['sender'],
};

/** The protocol of an endpoint. */
export function protocolOf({ protocol, url }: AskedEndpoint) {
  return protocol ?? schemes[new URL(url).protocol as keyof typeof schemes].protocol;
}

export function serverRules(file: SoundFields): Violation[] {
  if (!('targets' in file) || !('endpoint' in file) || !('exchange' in file)) return [];
  const { targets, endpoint, exchange, users, kind } = file;
  if (endpoint === undefined)
    return [
      ...(targets === undefined
        ? [violation('missing; write targets: [ws, socketio], or endpoint: { url: … }', 'targets')]
        : []),
      ...(exchange === undefined
        ? []
        : [violation('is for a server of your own; write endpoint: { url: … } in place of targets', 'exchange')]),
      ...(users === undefined
        ? []
        : [violation('are for a server of your own; write endpoint: { url: … } in place of targets', 'users')]),
    ];
  const found: Violation[] = [];
  if (targets !== undefined)
    found.push(violation('an endpoint takes the place of targets; keep one of them', 'targets', 'endpoint'));
  if (kind !== undefined) found.push(...kindRules(kind, exchange, file));
  return [...found, ...protocolRules(endpoint, exchange)];
}

function kindRules(kind: Kind, exchange: AskedExchange | undefined, file: SoundFields): Violation[] {
  const allowed = audiencesOf[kind];
  if (allowed === undefined) {
    const message = `kind ${kind} takes a server that was written for it; with an endpoint use ${Object.keys(audiencesOf).join(', ')}`;
    return [violation(message, 'kind', 'endpoint')];
  }
  if (file.blocking !== undefined)
    return [violation('bench puts a proxy only before servers of its own; remove it', 'blocking')];
  if (file.outage?.recovery)
    return [
      violation(
        'what was missed is known by the numbers of bench’s own pushes, which another server has not; remove it',
        'outage.recovery',
      ),
    ];
  if (file.heartbeat !== undefined)
    return [violation('your server pings as often as it does; set it there, and remove it', 'heartbeat')];
  if (isSilent(kind)) return [];
  if (isPushed(kind)) return pushRules(exchange, file);
  if (exchange?.receive.sentAt !== undefined || exchange?.receive.unit !== undefined)
    return [
      violation(
        `is of kind push; kind ${kind} has the times of sending in its messages; remove it`,
        `exchange.receive.${exchange.receive.sentAt === undefined ? 'unit' : 'sentAt'}`,
      ),
    ];
  if (exchange?.send === undefined) {
    const message = hasGuests(kind)
      ? 'missing; write what a guest says as it comes, and which the notice repeats: { emit: join, args: [{ name: "{{message}}" }] }'
      : 'missing; write send: { emit: message, args: ["{{message}}"] }, or { text: "{{message}}" } for WebSocket';
    return [violation(message, exchange === undefined ? 'exchange' : 'exchange.send')];
  }
  const { audience, send } = exchange;
  if (audience !== undefined && !allowed.includes(audience))
    return [
      violation(
        `kind ${kind} has ${allowed.join(' or ')}; write one of these, or use another kind`,
        'exchange.audience',
      ),
    ];
  if (isAcknowledged(kind) && send.ack !== true)
    return [
      violation('kind ack measures acknowledgements, and none is asked for; write ack: true', 'exchange.send.ack'),
    ];
  if ((audience === 'others' || audience === 'unknown') && file.load?.model === 'closed')
    return [
      violation(
        `a closed loop waits for what comes back to the sender, and audience ${audience} does not say that it does; use model: open`,
        'load.model',
        'exchange.audience',
      ),
    ];
  return [];
}

/** The server decides what it pushes, how much and when. */
function pushRules(exchange: AskedExchange | undefined, { load, payload, sweep = {} }: SoundFields): Violation[] {
  if (exchange === undefined)
    return [
      violation(
        'missing; write what is to be counted: exchange: { receive: { event: tick } }, or {} for all',
        'exchange',
      ),
    ];
  const found: Violation[] = [];
  if (exchange.send !== undefined)
    found.push(violation('the server sends unasked, and clients only listen; remove it', 'exchange.send'));
  if (exchange.receive.unit !== undefined && exchange.receive.sentAt === undefined)
    found.push(violation('is the unit of sentAt; write sentAt: "$.ts" as well, or remove it', 'exchange.receive.unit'));
  if (exchange.audience !== undefined && exchange.audience !== 'unknown')
    found.push(
      violation(
        'nobody knows how much the server sends, so nothing is owed to anybody; remove it',
        'exchange.audience',
      ),
    );
  const decided = 'your own server decides that; remove it';
  if (load !== undefined) found.push(violation(decided, 'load'));
  if (payload !== undefined) found.push(violation(decided, 'payload'));
  for (const key of ['rate', 'inflight', 'size', 'type', 'content'] as const)
    if (sweep[key] !== undefined) found.push(violation(decided, ['sweep', key]));
  return found;
}

function protocolRules(endpoint: AskedEndpoint, exchange: AskedExchange | undefined): Violation[] {
  const found: Violation[] = [];
  const protocol = protocolOf(endpoint);
  const said = [
    ...(exchange?.join ?? []).map((step, index) => ({ step, path: ['exchange', 'join', index] })),
    ...(exchange?.send ? [{ step: exchange.send, path: ['exchange', 'send'] }] : []),
  ];
  const wrong = protocol === 'socketio' ? (['text', 'binary'] as const) : (['emit'] as const);
  for (const { step, path } of said)
    for (const way of wrong)
      if (step[way] !== undefined)
        found.push(
          violation(
            protocol === 'socketio'
              ? `Socket.IO has events; write emit: message, args: […], or endpoint.protocol: websocket`
              : 'plain WebSocket has no events; write text: …, or endpoint.protocol: socketio',
            [...path, way],
          ),
        );
  if (protocol === 'websocket') {
    const useless = (['transport', 'auth', 'path'] as const).filter((key) => endpoint[key] !== undefined);
    if (exchange?.receive.event !== undefined)
      found.push(violation('plain WebSocket has no events; remove it', 'exchange.receive.event'));
    for (const key of useless)
      found.push(
        violation(`is of Socket.IO; remove it${key === 'path' ? ', the path is in the URL' : ''}`, `endpoint.${key}`),
      );
  } else if (endpoint.subprotocols.length > 0)
    found.push(violation('is of plain WebSocket; remove it', 'endpoint.subprotocols'));
  return found;
}
