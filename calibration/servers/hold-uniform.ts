/** Holds each message for 1 to 9 ms, all equally likely. */

import { uniformDelay } from '../behaviours/delay.js';
import { holdingServer } from '../behaviours/holding-server.js';

export default holdingServer(uniformDelay(1_000, 9_000));
