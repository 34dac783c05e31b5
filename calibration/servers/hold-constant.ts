/** Holds each message for 5 ms. */

import { constantDelay } from '../delay.js';
import { holdingServer } from '../holding-server.js';

export default holdingServer(constantDelay(5_000));
