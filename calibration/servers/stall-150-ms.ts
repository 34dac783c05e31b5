/** Echoes, and stands still once for 150 ms. */

import { stallingServer } from '../stalling-server.js';

export default stallingServer(150);
