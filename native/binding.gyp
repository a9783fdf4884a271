{
  'targets': [
    {
      'target_name': 'vhost_check_native',
      'sources': [
        'src/addon.cc',
        'src/channel.cc',
        'src/descriptor.cc',
        'src/errors.cc',
        'src/eventfd.cc',
        'src/facts.cc',
        'src/identity.cc',
        'src/memory.cc',
        'src/owned.cc',
        'src/process.cc',
        'src/readiness.cc',
        'src/same.cc',
        'src/socket.cc',
        'src/spawn.cc',
        'src/stream.cc',
      ],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': [
        'NAPI_VERSION=8',
        'NAPI_CPP_EXCEPTIONS',
        # An error in a worker thread that is being terminated must not abort the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
        '_GNU_SOURCE',
        '_FILE_OFFSET_BITS=64',
      ],
      'cflags!': ['-fno-exceptions'],
      'cflags_cc!': ['-fno-exceptions', '-std=gnu++14', '-std=gnu++17'],
      'cflags_cc': ['-std=gnu++17', '-Wall', '-Wextra', '-fvisibility=hidden'],
    },
  ],
}
