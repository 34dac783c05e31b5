/** Kinds of work: what a server does with a message, who sends, who is owed a delivery, and which fields apply. */

/** Fields of a scenario file that not every kind has a use for. */
export const kindFields = [
  'publishers',
  'load',
  'payload',
  'rooms',
  'ack',
  'slowReaders',
  'visitors',
  'blocking',
  'outage',
  'heartbeat',
  'stopAbove',
] as const;
export type KindField = (typeof kindFields)[number];

interface KindRule {
  /** One sentence: what the server does. */
  readonly serverDoes: string;
  /** What one has to know to try it by hand. */
  readonly note?: string;
  /**
   * Who is owed a delivery of each send: the sender alone, everyone in its room, or all others in it. There is one room
   * unless a scenario asks for more.
   */
  readonly audience: 'sender' | 'room' | 'others';
  /**
   * Who sends: clients as the load says, the server unasked, each connection once as soon as it is open, further clients
   * that join and leave, at each join and leave, or nobody.
   */
  readonly sends: 'clients' | 'server' | 'each once' | 'guests' | 'nobody';
  /** How many of the connections may send when the scenario does not say. */
  readonly defaultPublishers: 'all' | 'one' | 'none';
  /** What is delivered: the message as it was sent, or its header as an acknowledgement where the protocol has these. */
  readonly delivers: 'message' | 'acknowledgement';
  readonly uses: readonly KindField[];
  /** Sends a second during the JIT warm-up, where that many deliveries as usual would overload a server. */
  readonly mostWarmUpPerSecond?: number;
}

export const kinds = {
  echo: {
    serverDoes: 'returns each message to its sender',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
    delivers: 'message',
    uses: ['publishers', 'load', 'payload', 'blocking', 'stopAbove'],
  },
  ack: {
    serverDoes: 'acknowledges each message to its sender with the header of it',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
    delivers: 'acknowledgement',
    uses: ['publishers', 'load', 'payload', 'ack', 'stopAbove'],
  },
  broadcast: {
    serverDoes: 'sends each message to every open connection, the sender included',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'one',
    delivers: 'message',
    uses: ['publishers', 'load', 'payload', 'slowReaders', 'stopAbove'],
  },
  room: {
    serverDoes: 'sends each message to every member of its sender’s room, the sender included',
    note: 'A connection names its room in the query of its request, ?room=7 for example; without one it is in room 0.',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'all',
    delivers: 'message',
    uses: ['publishers', 'load', 'payload', 'rooms', 'slowReaders', 'visitors', 'stopAbove'],
  },
  presence: {
    serverDoes: 'sends each message to all other members of its sender’s room',
    note: 'A connection names its room in the query of its request, ?room=7 for example. Clients send when they join or leave.',
    audience: 'others',
    sends: 'guests',
    defaultPublishers: 'one',
    delivers: 'message',
    uses: ['publishers', 'load', 'payload', 'rooms', 'stopAbove'],
    // Every second message takes a new connection.
    mostWarmUpPerSecond: 200,
  },
  push: {
    serverDoes: 'sends messages to every open connection at set times, without being asked',
    note: 'It pushes when `bench run` tells it to; served alone, it sends nothing.',
    audience: 'room',
    sends: 'server',
    defaultPublishers: 'none',
    delivers: 'message',
    uses: ['load', 'payload', 'outage', 'stopAbove'],
    // Every connection receives every push.
    mostWarmUpPerSecond: 200,
  },
  connect: {
    serverDoes: 'accepts connections and returns the first message of each',
    audience: 'sender',
    sends: 'each once',
    defaultPublishers: 'all',
    delivers: 'message',
    uses: ['load', 'payload'],
    mostWarmUpPerSecond: 1_000,
  },
  idle: {
    serverDoes: 'holds connections and sends nothing but heartbeats',
    audience: 'sender',
    sends: 'nobody',
    defaultPublishers: 'none',
    delivers: 'message',
    uses: ['heartbeat'],
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as Kind[];

/** What a server module serves when it does not say. */
export const usualKinds: readonly Kind[] = ['echo', 'broadcast'];

/** The rule of a kind, with the properties that only some have. */
export function ruleOf(kind: Kind): KindRule {
  return kinds[kind];
}

export function uses(kind: Kind, field: KindField): boolean {
  return ruleOf(kind).uses.includes(field);
}

/** Connections are only held: no message is sent, and nothing is owed. */
export function isSilent(kind: Kind): boolean {
  return ruleOf(kind).sends === 'nobody';
}

/** Clients send messages all the time, as the load says. */
export function isSentByClients(kind: Kind): boolean {
  return ruleOf(kind).sends === 'clients';
}

/** The server sends on a schedule, and is the only sender. */
export function isPushed(kind: Kind): boolean {
  return ruleOf(kind).sends === 'server';
}

/** Opening connections is the load, and each sends one message. */
export function isStorm(kind: Kind): boolean {
  return ruleOf(kind).sends === 'each once';
}

/** Further clients join and leave rooms and send a message about both. */
export function hasGuests(kind: Kind): boolean {
  return ruleOf(kind).sends === 'guests';
}

/** Follows a schedule: no answer is waited for. */
export function isScheduled(kind: Kind): boolean {
  return !isSentByClients(kind) && !isSilent(kind);
}

/** Every send is owed to several receivers. */
export function isShared(kind: Kind): boolean {
  return ruleOf(kind).audience !== 'sender';
}

/** Deliveries are acknowledgements, which are as long as a header. */
export function isAcknowledged(kind: Kind): boolean {
  return ruleOf(kind).delivers === 'acknowledgement';
}

/**
 * Connecting itself is measured: opening ends with the first message having come back, because a handshake alone does
 * not prove that messages get through, and a connection that fails is a result.
 */
export function measuresConnecting(workload: { readonly kind: Kind; readonly blocking?: unknown }): boolean {
  return isStorm(workload.kind) || workload.blocking !== undefined;
}
