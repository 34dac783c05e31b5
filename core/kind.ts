/** Kinds of work: what a server does with a message, who sends, who is owed a delivery, and which fields apply. */

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
  /** What is delivered: the message as it was sent, or an acknowledgement, which is as long as its header. */
  readonly delivers?: 'acknowledgement';
  /** Fields of a scenario file that it has a use for, and not every kind has. */
  readonly uses: readonly string[];
  /** Sends a second during the JIT warm-up, where that many deliveries as usual would overload a server. */
  readonly mostWarmUpPerSecond?: number;
}

const rules = {
  echo: {
    serverDoes: 'returns each message to its sender',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
    uses: ['publishers', 'load', 'payload', 'blocking', 'layers', 'stopAbove'],
  },
  ack: {
    serverDoes: 'acknowledges each message to its sender with the header of it',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
    delivers: 'acknowledgement',
    uses: ['publishers', 'load', 'payload', 'ack', 'layers', 'stopAbove'],
  },
  broadcast: {
    serverDoes: 'sends each message to every open connection, the sender included',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'one',
    uses: ['publishers', 'load', 'payload', 'outage', 'slowReaders', 'stopAbove'],
  },
  room: {
    serverDoes: 'sends each message to every member of its sender’s room, the sender included',
    note: 'A connection names its room in the query of its request, ?room=7 for example; without one it is in room 0.',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'all',
    uses: ['publishers', 'load', 'payload', 'rooms', 'outage', 'slowReaders', 'visitors', 'stopAbove'],
  },
  presence: {
    serverDoes: 'sends each message to all other members of its sender’s room',
    note: 'A connection names its room in the query of its request, ?room=7 for example. Clients send when they join or leave.',
    audience: 'others',
    sends: 'guests',
    defaultPublishers: 'one',
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
    uses: ['load', 'payload', 'outage', 'stopAbove'],
    // Every connection receives every push.
    mostWarmUpPerSecond: 200,
  },
  connect: {
    serverDoes: 'accepts connections and returns the first message of each',
    audience: 'sender',
    sends: 'each once',
    defaultPublishers: 'all',
    uses: ['load', 'payload'],
    mostWarmUpPerSecond: 1_000,
  },
  idle: {
    serverDoes: 'holds connections and sends nothing but heartbeats',
    audience: 'sender',
    sends: 'nobody',
    defaultPublishers: 'none',
    uses: ['heartbeat', 'outage'],
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof rules;
export const kinds: Readonly<Record<Kind, KindRule>> = rules;
export const kindNames = Object.keys(rules) as Kind[];
/** A field that not every kind has a use for. */
export type KindField = (typeof rules)[Kind]['uses'][number];
export const kindFields = [...new Set(Object.values(rules).flatMap(({ uses }): readonly KindField[] => uses))];

/** What a server module serves when it does not say. */
export const usualKinds: readonly Kind[] = ['echo', 'broadcast'];

export const uses = (kind: Kind, field: KindField): boolean => kinds[kind].uses.includes(field);

/** Connections are only held: no message is sent, and nothing is owed. */
export const isSilent = (kind: Kind): boolean => kinds[kind].sends === 'nobody';
export const isSentByClients = (kind: Kind): boolean => kinds[kind].sends === 'clients';
export const isPushed = (kind: Kind): boolean => kinds[kind].sends === 'server';
/** Opening connections is the load, and each sends one message. */
export const isStorm = (kind: Kind): boolean => kinds[kind].sends === 'each once';
export const hasGuests = (kind: Kind): boolean => kinds[kind].sends === 'guests';
/** Follows a schedule: no answer is waited for. */
export const isScheduled = (kind: Kind): boolean => !isSentByClients(kind) && !isSilent(kind);
/** Every send is owed to several receivers. */
export const isShared = (kind: Kind): boolean => kinds[kind].audience !== 'sender';
export const isAcknowledged = (kind: Kind): boolean => kinds[kind].delivers === 'acknowledgement';

/**
 * Connecting itself is measured: opening ends with the first message having come back, because a handshake alone does
 * not prove that messages get through, and a connection that fails is a result.
 */
export function measuresConnecting(workload: { readonly kind: Kind; readonly blocking?: unknown }): boolean {
  return isStorm(workload.kind) || workload.blocking !== undefined;
}

interface Disturbed {
  readonly blocking?: unknown;
  readonly outage?: { readonly how: string } | undefined;
}

/** One process of a server of several is killed, and the others go on. */
export const losesProcess = ({ outage }: Disturbed): boolean => outage?.how === 'process';

/** A proxy of bench stands between clients and server: it blocks upgrades, or cuts connections and leads to a fresh server. */
export function isBehindProxy(workload: Disturbed): boolean {
  return workload.blocking !== undefined || (workload.outage !== undefined && !losesProcess(workload));
}
