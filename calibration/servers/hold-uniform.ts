/** Holds each message for 1 to 9 ms, all equally likely. */

import { holdingServer, uniformDelay } from '../behaviours/holding-server.js';

export default holdingServer(uniformDelay(1_000, 9_000));
