/** Owns the kinds of work: what a server must do with a message and how many deliveries each send owes. */

interface KindRule {
  /** One sentence: what the server does. */
  readonly serverDoes: string;
  /** Who is owed a delivery of each send: the sender alone, or everyone in its room. There is one room unless a scenario asks for more. */
  readonly audience: 'sender' | 'room';
  /** Who sends: clients as the load says, the server unasked, each connection once as soon as it is open, or nobody. */
  readonly sends: 'clients' | 'server' | 'each once' | 'nobody';
  /** How many of the connections may send when the scenario does not say. */
  readonly defaultPublishers: 'all' | 'one' | 'none';
}

export const kinds = {
  echo: {
    serverDoes: 'returns each message to its sender',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
  },
  ack: {
    serverDoes: 'acknowledges each message to its sender with the header of it',
    audience: 'sender',
    sends: 'clients',
    defaultPublishers: 'all',
  },
  broadcast: {
    serverDoes: 'sends each message to every open connection, the sender included',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'one',
  },
  room: {
    serverDoes: 'sends each message to every member of its sender’s room, the sender included',
    audience: 'room',
    sends: 'clients',
    defaultPublishers: 'all',
  },
  push: {
    serverDoes: 'sends messages to every open connection at set times, without being asked',
    audience: 'room',
    sends: 'server',
    defaultPublishers: 'none',
  },
  connect: {
    serverDoes: 'accepts connections and returns the first message of each',
    audience: 'sender',
    sends: 'each once',
    defaultPublishers: 'all',
  },
  idle: {
    serverDoes: 'holds connections and sends nothing but heartbeats',
    audience: 'sender',
    sends: 'nobody',
    defaultPublishers: 'none',
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as Kind[];

/** What a server module serves when it does not say. */
export const usualKinds: readonly Kind[] = ['echo', 'broadcast'];
