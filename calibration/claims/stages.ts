/** Claim that the stages of a connection are timed correctly: the harness shows what a server waits before each. */

import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import { type Claim, echoes, evenly, within } from '../claim.js';
import type { Waited } from '../servers/slow-opening.js';

const ratePerSecond = 100;
const measureMs = { full: 2_000, quick: 800 } as const;
const warmupMs = 200;
const toleranceUs = 2_000;

export const stagesClaim: Claim = {
  name: 'stages',
  title: 'stages of a slow opening',
  check: async (rig, pace) => {
    const connections = (ratePerSecond * (warmupMs + measureMs[pace])) / 1000;
    const part = { kind: 'connect', connections, publishers: connections, phases: { warmupMs } } as const;
    const workload = echoes(evenly(ratePerSecond), measureMs[pace], part);
    const { line, groundTruth } = await rig.known<Waited>('slow-opening', workload);
    const upgradeUs = decodeHistogram(groundTruth.upgradeUs).quantile(0.5);
    const connectUs = decodeHistogram(groundTruth.connectUs).quantile(0.5);
    const { websocket, socketio } = line.connectUs;
    return [
      within('waits before the upgrade: websocket p50', upgradeUs, toleranceUs, websocket?.p50 ?? 0),
      within('and before the connect: socketio p50', upgradeUs + connectUs, toleranceUs, socketio?.p50 ?? 0),
    ];
  },
};
