/** Owns the kinds of work: what a server must do with a message and how many deliveries each send owes. */

interface KindRule {
  /** One sentence: what the server does. */
  readonly serverDoes: string;
  /** Who is owed a delivery of each send: the sender alone, or every open connection. */
  readonly audience: 'sender' | 'everyone';
  /** Who may send when the scenario does not say: every connection, or one. */
  readonly defaultPublishers: 'all' | 'one';
}

export const kinds = {
  echo: {
    serverDoes: 'returns each message to its sender',
    audience: 'sender',
    defaultPublishers: 'all',
  },
  broadcast: {
    serverDoes: 'sends each message to every open connection, the sender included',
    audience: 'everyone',
    defaultPublishers: 'one',
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as Kind[];

/** Deliveries owed for one send while `connections` are open. */
export function owedPerSend(kind: Kind, connections: number): number {
  return kinds[kind].audience === 'sender' ? 1 : connections;
}
