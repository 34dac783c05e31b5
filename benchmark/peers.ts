/** Other load generators, those found on PATH, at a workload that they share with ours: 50 connections that echo. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFlight } from '../calibration/claim.js';
import { findOnPath } from '../runners/machine/child-process.js';
import { folder } from './built-command.js';
import { asRates, type PairedWorkload, workload } from './paired-workload.js';
import { ours, runOnGeneratorCores, serving, sizeBytes } from './subject.js';

interface Peer {
  /** Name of its executable. */
  readonly name: string;
  /** What its own figure counts. */
  readonly counts: string;
  /** Messages a second, as it says itself. */
  rate(port: number, folder: string): Promise<number>;
}

const connections = 50;
const message = 'x'.repeat(sizeBytes);

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  await runOnGeneratorCores(command, args, { cwd, env: { ...process.env, ARTILLERY_DISABLE_TELEMETRY: 'true' } });
}

/** It writes its figures every ten seconds; the first ten hold its start, so it is the second ten that count. */
const tsung: Peer = {
  name: 'tsung',
  counts: 'round trips',
  async rate(port, folder) {
    writeFileSync(
      join(folder, 'tsung.xml'),
      `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
  <clients><client host="localhost" use_controller_vm="true" maxusers="${connections}"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="22" unit="second">
    <arrivalphase phase="1" duration="22" unit="second">
      <users maxnumber="${connections}" arrivalrate="${connections}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions><session name="echo" probability="100" type="ts_websocket">
    <request><websocket type="connect" path="/"></websocket></request>
    <for from="1" to="100000000" var="n"><request><websocket type="message">${message}</websocket></request></for>
  </session></sessions>
</tsung>
`,
    );
    await run('tsung', ['-f', join(folder, 'tsung.xml'), '-l', join(folder, 'log'), 'start'], folder);
    const [dated = ''] = readdirSync(join(folder, 'log'));
    const log = readFileSync(join(folder, 'log', dated, 'tsung.log'), 'utf8');
    const counts = [...log.matchAll(/^stats: request (\d+)/gm)].map((match) => Number(match[1]));
    return (counts[1] ?? Number.NaN) / 10;
  },
};

/** Its WebSocket engine does not wait for answers between two sends. */
const artillery: Peer = {
  name: 'artillery',
  counts: 'messages sent',
  async rate(port, folder) {
    const each = 8_000;
    const scenario = {
      config: { target: `ws://127.0.0.1:${port}`, phases: [{ duration: 1, arrivalCount: connections }] },
      scenarios: [{ engine: 'ws', flow: [{ loop: [{ send: message }], count: each }] }],
    };
    // YAML is a superset of JSON.
    writeFileSync(join(folder, 'echo.yml'), JSON.stringify(scenario));
    await run('artillery', ['run', '--quiet', '--output', join(folder, 'report.json'), 'echo.yml'], folder);
    const { aggregate } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
      aggregate: { counters: Record<string, number>; firstCounterAt: number; lastCounterAt: number };
    };
    const seconds = (aggregate.lastCounterAt - aggregate.firstCounterAt) / 1000;
    return (aggregate.counters['websocket.messages_sent'] ?? Number.NaN) / seconds;
  },
};

export const peerWorkloads: readonly PairedWorkload[] = [tsung, artillery]
  .filter(({ name }) => findOnPath(name) !== undefined)
  .map((peer) => ({
    name: `closed loop, ${connections} x 1, against ${peer.name}`,
    goal: '-',
    ours: () => ours('uws', workload(connections, inFlight(1))),
    ...asRates,
    yardstickName: `${peer.name}, ${peer.counts}`,
    yardstick: () => serving('uws', 'echo', (port) => peer.rate(port, mkdtempSync(join(folder, 'peer-')))),
  }));
