#include "readiness.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

uint64_t Key(int fd, const Owned& owned) {
  return (static_cast<uint64_t>(owned.serial) << 32) | static_cast<uint32_t>(fd);
}

}  // namespace

std::shared_ptr<Readiness> Readiness::Start(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) Fail(env, ENOTSUP, "napi_get_uv_event_loop");
  std::shared_ptr<Readiness> made(new Readiness(env));
  made->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (made->epoll_ < 0) Fail(env, errno, "epoll_create1");
  int status = uv_poll_init(loop, &made->handle_, made->epoll_);
  if (status != 0) Fail(env, -status, "uv_poll_init");
  // From here on libuv knows the handle: only the teardown of the environment may end this object.
  made->handle_.data = made.get();
  made->self_ = made;
  uv_unref(reinterpret_cast<uv_handle_t*>(&made->handle_));
  if (napi_add_async_cleanup_hook(env, OnTeardown, made.get(), &made->hook_) != napi_ok) {
    Fail(env, ECANCELED, "napi_add_async_cleanup_hook");
  }
  status = uv_poll_start(&made->handle_, UV_READABLE, OnPoll);
  if (status != 0) Fail(env, -status, "uv_poll_start");
  return made;
}

Readiness::~Readiness() {
  if (epoll_ >= 0) close(epoll_);
}

void Readiness::OnReady(Napi::Function callback) {
  callback_ = Napi::Persistent(callback);
  context_ = std::make_unique<Napi::AsyncContext>(env_, "vhost-check:readiness");
}

void Readiness::Hold(Owned& owned, bool hold) {
  if (owned.holds == hold) return;
  owned.holds = hold;
  const int before = waiting_;
  waiting_ += hold ? 1 : -1;
  uv_handle_t* handle = reinterpret_cast<uv_handle_t*>(&handle_);
  if (before == 0 && waiting_ > 0) uv_ref(handle);
  if (before > 0 && waiting_ == 0) uv_unref(handle);
}

int Readiness::Arm(int fd, Owned& owned, uint32_t events, bool hold) {
  if (stopped_) return ECANCELED;
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.u64 = Key(fd, owned);
  if (epoll_ctl(epoll_, owned.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) return errno;
  owned.watched = true;
  Hold(owned, hold);
  owned.armed = true;
  return 0;
}

void Readiness::Drop(int fd, Owned& owned) {
  if (stopped_ || !owned.watched) return;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  owned.watched = owned.armed = false;
  Hold(owned, false);
}

void Readiness::Lost(Owned& owned) {
  if (!stopped_) Hold(owned, false);
  owned.watched = owned.armed = false;
}

void Readiness::OnPoll(uv_poll_t* handle, int, int) {
  // The call keeps the object: JavaScript may end the environment in the middle.
  std::shared_ptr<Readiness> self = static_cast<Readiness*>(handle->data)->self_;
  if (self) self->Dispatch();
}

void Readiness::Dispatch() {
  epoll_event events[64];
  // The uv_poll handle is level-triggered: what does not fit comes with the next turn of the loop.
  const int count = epoll_wait(epoll_, events, 64, 0);
  for (int i = 0; i < count && !stopped_; i++) {
    const int fd = static_cast<int>(events[i].data.u64 & 0xffffffff);
    Owned* owned = InstanceOf(env_).owned.Find(fd);
    // The callback of an earlier event may have closed this one and reused its number.
    if (owned == nullptr || Key(fd, *owned) != events[i].data.u64 || !owned->armed) continue;
    owned->armed = false;
    Hold(*owned, false);
    if (!callback_.IsEmpty()) Call(fd, events[i].events);
  }
}

// Plain Node-API: when a worker thread is being terminated every step of this may fail, and a C++ exception that has no
// JavaScript below it would end the process.
void Readiness::Call(int fd, uint32_t events) {
  const Napi::HandleScope scope(env_);
  napi_value global, function, result, arguments[2];
  if (napi_get_global(env_, &global) != napi_ok || napi_get_reference_value(env_, callback_, &function) != napi_ok ||
      napi_create_int32(env_, fd, &arguments[0]) != napi_ok ||
      napi_create_uint32(env_, events, &arguments[1]) != napi_ok) {
    return;
  }
  if (napi_make_callback(env_, *context_, global, function, 2, arguments, &result) == napi_ok) return;
  bool pending = false;
  napi_value error;
  if (napi_is_exception_pending(env_, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    napi_fatal_exception(env_, error);
  }
}

void Readiness::OnTeardown(napi_async_cleanup_hook_handle, void* data) {
  Readiness* self = static_cast<Readiness*>(data);
  self->stopped_ = true;
  self->callback_.Reset();
  self->context_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&self->handle_), OnClosed);
}

void Readiness::OnClosed(uv_handle_t* handle) {
  Readiness* self = static_cast<Readiness*>(handle->data);
  napi_remove_async_cleanup_hook(self->hook_);
  self->self_.reset();  // May delete the object.
}

namespace {

Napi::Value OnReady(const Napi::CallbackInfo& info) {
  InstanceOf(info.Env()).readiness->OnReady(info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

// arm(fd, events, hold = true): true when armed, false when the file is always ready.
Napi::Value Arm(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  Owned& owned = OwnedOf(info.Env(), fd, "epoll_ctl");
  const uint32_t events = info[1].As<Napi::Number>().Uint32Value();
  const bool hold = info.Length() < 3 || info[2].As<Napi::Boolean>();
  const int error = InstanceOf(info.Env()).readiness->Arm(fd, owned, events, hold);
  if (error != 0 && error != EPERM) Fail(info.Env(), error, "epoll_ctl");
  return Napi::Boolean::New(info.Env(), error == 0);
}

// disarm(fd)
Napi::Value Disarm(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  Instance& instance = InstanceOf(info.Env());
  Owned* owned = instance.owned.Find(fd);
  if (owned != nullptr) instance.readiness->Drop(fd, *owned);
  return info.Env().Undefined();
}

}  // namespace

void ExportReadiness(Napi::Env env, Napi::Object exports) {
  Export<OnReady>(env, exports, "onReady");
  Export<Arm>(env, exports, "arm");
  Export<Disarm>(env, exports, "disarm");
}

}  // namespace vhost_check
