/**
 * Loaded into the Node processes of a user's own server while it is explained: each profiles itself when it is asked to
 * through the socket that `profilerPath` names, which does not keep it alive.
 */

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { isMainThread } from 'node:worker_threads';
import { type ProfilePlan, profilerPath } from '../../core/profile/profile-reading.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { profileFor } from './cpu-profiler.js';

const path = process.env[profilerPath];
if (path !== undefined && isMainThread) {
  const socket = connect(path);
  // Its absence is the end of explaining, not of the server.
  socket.on('error', () => {});
  socket.unref();
  socket.write(`${process.pid}\n`);
  createInterface({ input: socket }).on('line', async (line) => {
    const answer = await profileFor(JSON.parse(line) as ProfilePlan, monotonicClock()).catch((error: Error) => ({
      failed: error.message,
    }));
    socket.write(`${JSON.stringify(answer)}\n`);
  });
}
