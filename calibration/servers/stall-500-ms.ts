/** Echoes, and stands still once for half a second. */

import { stallingServer } from '../behaviours/stalling-server.js';

export default stallingServer(500);
