/** Echoes, and stands still once for 100 ms. */

import { stallingServer } from '../behaviours/stalling-server.js';

export default stallingServer(100);
