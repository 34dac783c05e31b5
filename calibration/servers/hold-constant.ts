/** Holds each message for 5 ms. */

import { constantDelay } from '../behaviours/delay.js';
import { holdingServer } from '../behaviours/holding-server.js';

export default holdingServer(constantDelay(5_000));
