import { may, must, section } from './clause.js';

/** Back-end communication: the channel for requests of the back-end. */
export const backendCommunication = section('Back-end communication', [
  may('backend-channel.optional', 'back-end', 'A back-end may offer BACKEND_REQ and then send requests of its own.'),
  must(
    'communication.backend-req',
    'back-end',
    'Requests to the front-end go over the socket that SET_BACKEND_REQ_FD brought and over no other.',
  ),
  must(
    'backend-channel.fds-negotiated',
    'back-end',
    'Requests of the back-end carry descriptors only when BACKEND_SEND_FD is negotiated.',
  ),
  must('backend-channel.fd-limit', 'back-end', 'A request of the back-end carries at most eight descriptors.'),
]);
