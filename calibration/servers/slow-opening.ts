/** Waits 20 ms before it accepts an upgrade and 30 ms before it accepts Socket.IO's connect, and tells how long it did. */

import { Histogram } from '../../core/measure/histogram.js';
import { encodeHistogram } from '../../core/measure/histogram-encoding.js';
import { bareServer } from '../behaviours/bare-server.js';

export interface Waited {
  /** Encoded histograms. */
  readonly upgradeUs: string;
  readonly connectUs: string;
}

const upgradeMs = 20;
const connectMs = 30;

/** Timers may be late: what counts is how long each answer truly waited. */
function after(ms: number, waitedUs: Histogram): (answer: () => void) => void {
  return (answer) => {
    const fromMs = performance.now();
    setTimeout(() => {
      answer();
      waitedUs.record((performance.now() - fromMs) * 1000);
    }, ms);
  };
}

export default bareServer('socketio', () => {
  const upgradeUs = new Histogram();
  const connectUs = new Histogram();
  return {
    frames: (socket, frames) => void socket.write(frames),
    upgrade: after(upgradeMs, upgradeUs),
    connect: after(connectMs, connectUs),
    account: () => ({ upgradeUs: encodeHistogram(upgradeUs), connectUs: encodeHistogram(connectUs) }) satisfies Waited,
  };
});
