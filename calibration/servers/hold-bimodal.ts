/** Holds four messages in five for 1 ms and the fifth for 20 ms. */

import { bimodalDelay, holdingServer } from '../behaviours/holding-server.js';

export default holdingServer(bimodalDelay(1_000, 20_000, 0.2));
