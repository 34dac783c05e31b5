/** Answers plain WebSocket from a buffer, without looking. */

import { nullServer } from '../null-server.js';

export default nullServer('websocket');
