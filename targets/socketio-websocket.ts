/** The Socket.IO server with WebSocket as its only transport. */

import { socketioTarget } from './socketio.js';

export default socketioTarget('websocket');
