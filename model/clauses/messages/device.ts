import { may, must, section, should } from '../clause.js';

/** Front-end message types: what concerns the device as a whole, and single kinds of device. */
export const device = [
  ...section('Front-end message types, VHOST_USER_SEND_RARP', [
    must('rarp.gated', 'front-end', 'SEND_RARP is sent only where bit 30 and RARP are offered.'),
    must(
      'rarp.broadcast',
      'back-end',
      'SEND_RARP makes the back-end announce the address in its first six bytes to the network.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_NET_SET_MTU', [
    should(
      'mtu.gated',
      'front-end',
      'NET_SET_MTU is sent only when the MTU features of device and protocol are there.',
    ),
    must('mtu.reply', 'back-end', 'With REPLY_ACK negotiated, NET_SET_MTU is answered with 0 only for a valid size.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_BACKEND_REQ_FD', [
    should(
      'backend-channel.gated',
      'front-end',
      'SET_BACKEND_REQ_FD is sent only where bit 30 is negotiated and BACKEND_REQ offered.',
    ),
    must('backend-channel.one-fd', 'front-end', 'SET_BACKEND_REQ_FD brings one socket.'),
    must(
      'backend-channel.reply',
      'back-end',
      'With REPLY_ACK negotiated, SET_BACKEND_REQ_FD is answered with 0 when it worked and another number when not.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_IOTLB_MSG', [
    should('iotlb.gated', 'front-end', 'IOTLB messages are sent only when IOMMU_PLATFORM is negotiated.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_CONFIG', [
    must('config.gated', 'front-end', 'The configuration is read and written only when CONFIG is negotiated.'),
    must('config.reply-size', 'back-end', 'A reply to GET_CONFIG has a payload as large as that of the request.'),
    must('config.error-empty', 'back-end', 'A GET_CONFIG that failed is answered with a payload of no length.'),
    may('config.cache', 'front-end', 'A front-end may keep the configuration and ask no more.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_CONFIG', [
    must('config.flags-checked', 'back-end', 'A back-end looks at the flags of SET_CONFIG.'),
    must(
      'config.read-only',
      'back-end',
      'SET_CONFIG changes fields that are read-only for the guest only when its flags say that it is for migration.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_CREATE_CRYPTO_SESSION', [
    should(
      'crypto.gated',
      'front-end',
      'Crypto sessions are opened and closed only when CRYPTO_SESSION is negotiated.',
    ),
    must('crypto.required', 'back-end', 'A crypto device offers CRYPTO_SESSION.'),
    must(
      'crypto.session-id',
      'back-end',
      'CREATE_CRYPTO_SESSION is answered with the id of the session, or with a negative one when it failed.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_CLOSE_CRYPTO_SESSION', [
    must('crypto.close', 'back-end', 'CLOSE_CRYPTO_SESSION ends a session that was opened before.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_INFLIGHT_FD', [
    must(
      'inflight.gated',
      'front-end',
      'The buffer of open requests is fetched and given only when INFLIGHT_SHMFD is negotiated.',
    ),
    must('inflight.get', 'back-end', 'GET_INFLIGHT_FD is answered with a buffer for the open requests of all rings.'),
    should('inflight.new-after-reset', 'front-end', 'After a reset of the machine a new buffer is fetched.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_INFLIGHT_FD', [
    must(
      'inflight.set',
      'back-end',
      'After SET_INFLIGHT_FD the back-end takes up the requests that its buffer shows as open.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_GPU_SET_SOCKET', [
    must('gpu.one-fd', 'front-end', 'GPU_SET_SOCKET brings one socket.'),
  ]),
  ...section('Front-end message types, VHOST_USER_RESET_DEVICE', [
    must('reset.gated', 'front-end', 'RESET_DEVICE is sent only where the back-end sets that feature.'),
    must(
      'rings.reset-device',
      'back-end',
      'RESET_DEVICE disables all rings and brings everything inside the device back to how it began.',
    ),
    must('reset.keeps-ownership', 'back-end', 'The back-end still owns the device during and after RESET_DEVICE.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_STATUS', [
    must('status.gated', 'front-end', 'The device status is read and written only when STATUS is negotiated.'),
    must('status.set', 'back-end', 'SET_STATUS brings the status byte of virtio, and means what virtio says.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_STATUS', [
    must(
      'status.get',
      'back-end',
      'GET_STATUS is answered with the status that the device has by the rules of virtio.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_SHARED_OBJECT', [
    must('shared-object.gated', 'front-end', 'A shared object is asked for only when SHARED_OBJECT is negotiated.'),
    must(
      'shared-object.reply',
      'back-end',
      'GET_SHARED_OBJECT is answered with a descriptor when the object is there, and without one when it is not.',
    ),
  ]),
];
