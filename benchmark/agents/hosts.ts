/** Network namespaces that stand for hosts: each with a virtual Ethernet to a bridge, at which this host has an address. */

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';

/** Why they cannot be made here; undefined when they can. */
export function hostsUnavailable(): string | undefined {
  try {
    execFileSync('unshare', ['--net', 'ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'network namespaces are not allowed here (they need root, iproute2 and util-linux)';
  }
}

const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });

export class Hosts {
  readonly #names: readonly string[];
  readonly #bridge: string;
  /** Of this host, where the others reach it. */
  readonly address: string;

  /** @param count up to 200. */
  constructor(count: number) {
    // Unlike those of other processes; names of interfaces have 15 characters at most.
    const own = process.pid % 50_000;
    const net = `10.${200 + (own % 50)}.${own % 250}`;
    this.#bridge = `sb${own}`;
    this.address = `${net}.1`;
    this.#names = Array.from({ length: count }, (_, i) => `sb${own}-${i}`);
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', `${this.address}/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
    for (const [i, name] of this.#names.entries()) {
      ip('netns', 'add', name);
      ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', name, 'master', this.#bridge, 'up');
      ip('-n', name, 'addr', 'add', `${net}.${i + 10}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
    }
  }

  /** The process is the command itself: `ip netns exec` becomes it. */
  spawn(host: number, command: string, words: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.#nameOf(host), command, ...words], options);
  }

  /** Cuts the host off, as if its cable was pulled; `false` puts it back. */
  cut(host: number, isCut = true): void {
    ip('link', 'set', this.#nameOf(host), isCut ? 'down' : 'up');
  }

  remove(): void {
    for (const name of this.#names) ip('netns', 'del', name);
    ip('link', 'del', this.#bridge);
  }

  #nameOf(host: number): string {
    const name = this.#names[host];
    if (name === undefined) throw new Error(`there is no host ${host}`);
    return name;
  }
}
