/** Answers Socket.IO over WebSocket from a buffer, without looking. */

import { nullServer } from '../behaviours/null-server.js';

export default nullServer('socketio');
