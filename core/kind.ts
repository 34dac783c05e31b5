/** Owns the kinds of work: what a server must do with a message and how many deliveries each send owes. */

interface KindRule {
  /** One sentence: what the server does. */
  readonly serverDoes: string;
  /** Deliveries owed for one send, given the connections of the trial. */
  readonly owedPerSend: (connections: number) => number;
  /** Who may send when the scenario does not say: every connection, or one. */
  readonly defaultPublishers: 'all' | 'one';
}

export const kinds = {
  echo: {
    serverDoes: 'returns each message to its sender',
    owedPerSend: () => 1,
    defaultPublishers: 'all',
  },
  broadcast: {
    serverDoes: 'sends each message to every open connection, the sender included',
    owedPerSend: (connections) => connections,
    defaultPublishers: 'one',
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as Kind[];
