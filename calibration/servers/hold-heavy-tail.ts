/** Holds messages for 1 to 200 ms by a Pareto distribution: half of them below 1.8 ms, one in a hundred above 46 ms. */

import { holdingServer, paretoDelay } from '../behaviours/holding-server.js';

export default holdingServer(paretoDelay(1_000, 1.2, 200_000));
