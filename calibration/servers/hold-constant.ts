/** Holds each message for 5 ms. */

import { constantDelay, holdingServer } from '../behaviours/holding-server.js';

export default holdingServer(constantDelay(5_000));
