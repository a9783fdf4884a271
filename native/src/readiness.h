// Readiness of descriptors on the environment's event loop.
//
// Not one uv_poll handle a descriptor: uv_poll_init sets O_NONBLOCK in the open file description, which a back-end
// shares with us and must see as the trace says; and one loop takes only one handle a descriptor number. So each
// environment has an epoll set of its own, and libuv watches only that.
#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>

#include "owned.h"

namespace vhost_check {

class Readiness {
 public:
  // Throws when the environment has no loop or the kernel no epoll.
  static std::shared_ptr<Readiness> Start(Napi::Env env);
  ~Readiness();

  // The function called with (fd, revents) for each event.
  void OnReady(Napi::Function callback);
  // Report the next of these events, once; until then, if `hold`, keep the event loop alive. Returns 0 or an errno value;
  // EPERM: the file is always ready.
  int Arm(int fd, Owned& owned, uint32_t events, bool hold);
  // Nobody waits any more. Must be called before the number is closed.
  void Drop(int fd, Owned& owned);
  // The same for a number that is no longer ours, so that the kernel cannot be asked by number.
  void Lost(Owned& owned);

 private:
  explicit Readiness(Napi::Env env) : env_(env) {}
  static void OnPoll(uv_poll_t* handle, int status, int events);
  static void OnTeardown(napi_async_cleanup_hook_handle hook, void* self);
  static void OnClosed(uv_handle_t* handle);
  void Dispatch();
  void Call(int fd, uint32_t events);
  void Hold(Owned& owned, bool hold);

  Napi::Env env_;
  int epoll_ = -1;
  // Armed descriptors that keep the loop alive.
  int waiting_ = 0;
  bool stopped_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  Napi::FunctionReference callback_;
  std::unique_ptr<Napi::AsyncContext> context_;
  // Keeps this object until libuv has let go of the handle.
  std::shared_ptr<Readiness> self_;
  uv_poll_t handle_;
};

}  // namespace vhost_check
