// Lets User Mode Linux run on processors with more registers than it knows of, such as those with AMX.
//
// It keeps the first 2,696 bytes of what the kernel tells of a process's registers, and hands those back. The kernel takes
// nothing but the whole. So the rest is put behind them here, as it stands. Loaded into linux.uml by LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

typedef long (*Ptrace)(enum __ptrace_request, pid_t, void *, void *);

long ptrace(enum __ptrace_request request, ...) {
  static Ptrace next;
  if (!next) next = (Ptrace)dlsym(RTLD_NEXT, "ptrace");
  va_list list;
  va_start(list, request);
  pid_t pid = va_arg(list, pid_t);
  void *address = va_arg(list, void *);
  void *data = va_arg(list, void *);
  va_end(list);
  if (request == PTRACE_SETREGSET && (unsigned long)address == NT_X86_XSTATE) {
    struct iovec *known = data;
    // Not on the stack: those of its kernel are small. It has one thread that traces.
    static char all[32768];
    struct iovec whole = {all, sizeof all};
    if (next(PTRACE_GETREGSET, pid, address, &whole) == 0 && known->iov_len < whole.iov_len) {
      memcpy(all, known->iov_base, known->iov_len);
      return next(request, pid, address, &whole);
    }
  }
  return next(request, pid, address, data);
}
