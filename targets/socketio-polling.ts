/** The Socket.IO server with HTTP long-polling as its only transport. */

import { socketioTarget } from './socketio.js';

export default socketioTarget('polling');
