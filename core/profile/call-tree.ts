/** A CPU profile as a tree of calls: how long each function was seen at work, and from where it was called. */

/** What V8 gives: `Profiler.Profile` of the Chrome DevTools protocol, times in us on the monotonic clock of the host. */
export interface V8Profile {
  readonly nodes: readonly V8Node[];
  readonly startTime: number;
  /** Of each sample: the node that was at work. */
  readonly samples?: readonly number[] | undefined;
  /** Of each sample: since the one before it, the first since `startTime`. Now and then below 0. */
  readonly timeDeltas?: readonly number[] | undefined;
}

interface V8Node {
  readonly id: number;
  /** Lines count from 0; `url` is empty for what is built into V8 and for native code. */
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[] | undefined;
}

/** A function, or what V8 says in brackets: `(garbage collector)`, `(program)` for native code outside of any function. */
export interface Frame {
  readonly name: string;
  /** Path, or `node:net` for one of Node's own; empty for what is built into V8 and for native code. */
  readonly file: string;
  /** Where the function begins, from 1; 0 where there is no file. */
  readonly line: number;
  /** The source on that line, where it is known. */
  readonly source?: string | undefined;
}

/** `parent` is a place in the list of nodes, before this one; -1: nothing called it. */
export interface CallNode {
  readonly parent: number;
  /** Place in the list of frames. */
  readonly frame: number;
  readonly selfUs: number;
}

/** Plain JSON. Parents come before those that they called; time without work is in no node. */
export interface CallTree {
  readonly frames: readonly Frame[];
  readonly nodes: readonly CallNode[];
  /** Time in which the thread waited for events. */
  readonly idleUs: number;
}

/** From and to, in us on the clock of the profile. */
export type Span = readonly [fromUs: number, toUs: number];

const root = '(root)';
const idle = '(idle)';

export interface TreeRequest {
  /** In order, without overlap. */
  readonly spans: readonly Span[];
  /** What a sample stands for at most: after a longer time the thread was not on its core. */
  readonly mostUs?: number;
  /** Functions of this file and what they called are left out. */
  readonly without?: string;
}

/**
 * The tree of what was sampled within the spans. A sample stands for the time since the one before it, as far as that lies
 * within a span.
 */
export function callTree(profile: V8Profile, { spans, mostUs = Infinity, without }: TreeRequest): CallTree {
  const selfUs = sampledUs(profile, spans, mostUs);
  const frames: Frame[] = [];
  const framePlaces = new Map<string, number>();
  const frameOf = ({ functionName, url, lineNumber }: V8Node['callFrame']): number => {
    const frame = { name: functionName || '(anonymous)', file: url, line: url === '' ? 0 : lineNumber + 1 };
    return placeOf(framePlaces, `${frame.name}\n${frame.file}\n${frame.line}`, frames, frame);
  };
  const nodes: { parent: number; frame: number; selfUs: number }[] = [];
  const nodePlaces = new Map<string, number>();
  let idleUs = 0;
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const called = new Set(profile.nodes.flatMap(({ children = [] }) => children));
  // Deep stacks are usual, so the tree is walked without recursion.
  const open = profile.nodes.filter(({ id }) => !called.has(id)).map((node) => ({ node, parent: -1 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, parent } = next;
    const own = selfUs.get(node.id) ?? 0;
    const { functionName, url } = node.callFrame;
    if (url !== '' && url === without) continue;
    let place = parent;
    if (functionName === idle) idleUs += own;
    else if (functionName !== root) {
      const frame = frameOf(node.callFrame);
      place = placeOf(nodePlaces, `${parent} ${frame}`, nodes, { parent, frame, selfUs: 0 });
      const known = nodes[place];
      if (known) known.selfUs += own;
    }
    for (const child of node.children ?? []) {
      const called = byId.get(child);
      if (called) open.push({ node: called, parent: place });
    }
  }
  return { frames, nodes, idleUs };
}

/** The place of what has this key in `list`, at whose end `made` is put where there is none. */
function placeOf<T>(places: Map<string, number>, key: string, list: T[], made: T): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, list.length);
  return list.push(made) - 1;
}

/** Time within the spans by node. */
function sampledUs({ samples = [], timeDeltas = [], startTime }: V8Profile, spans: readonly Span[], mostUs: number) {
  const selfUs = new Map<number, number>();
  let atUs = startTime;
  let reachedUs = startTime;
  let first = 0;
  for (const [i, id] of samples.entries()) {
    atUs += timeDeltas[i] ?? 0;
    if (atUs <= reachedUs) continue;
    const fromUs = Math.max(reachedUs, atUs - mostUs);
    reachedUs = atUs;
    while (first < spans.length && (spans[first]?.[1] ?? 0) <= fromUs) first++;
    let us = 0;
    for (let place = first; place < spans.length; place++) {
      const [spanFromUs, spanToUs] = spans[place] ?? [0, 0];
      if (spanFromUs >= atUs) break;
      us += Math.min(atUs, spanToUs) - Math.max(fromUs, spanFromUs);
    }
    if (us > 0) selfUs.set(id, (selfUs.get(id) ?? 0) + us);
  }
  return selfUs;
}
