import CSandbox
import Foundation

/// The system calls that a server makes: those that its tests were seen to make (strace), those that other versions of the C
/// library make in their place, and nothing that reaches beyond the process. Those that do so by what they are asked for are
/// in SystemCallFilter+Arguments.swift.
enum SystemCalls {
    /// Any other fails as one that the kernel does not have. Not EPERM: the C library tries an older call only where the
    /// kernel has not the newer one.
    static func restrict() -> Restriction {
        var filter = SystemCallFilter(otherwise: .fails(ENOSYS))
        for call in allowed { filter.add(call, .isAllowed) }
        for call in fatal { filter.add(call, .endsTheProcess) }
        // Threads, but no processes. What clone3(2) is asked for lies in memory, where a filter cannot look.
        filter.add("clone", .isAllowed, .has(0, cloneThread))
        filter.addSockets()
        filter.addDescriptorRequests()
        filter.addProcesses()
        return Restriction("seccomp", failure: filter.enter())
    }

    /// Once it listens, a server opens no socket and reaches for none, takes no descriptors from who is connected to it, and
    /// leaves owners and modes as they are.
    static func restrictToServing() -> Restriction {
        var filter = SystemCallFilter(otherwise: .isAllowed)
        for call in setup { filter.add(call, .fails(EPERM)) }
        // Without an address it is send(2).
        filter.add("sendto", .fails(EPERM), .isNot(4, 0))
        // Neither set-user-ID nor set-group-ID.
        for bit in [S_ISUID, S_ISGID].map(UInt64.init) {
            for (call, argument) in [("fchmod", 1), ("open", 2), ("openat", 3), ("mkdir", 1), ("mkdirat", 2)] {
                filter.add(call, .fails(EPERM), .has(UInt32(argument), bit))
            }
        }
        return Restriction("seccomp once it listens", failure: filter.enter())
    }

    /// CLONE_THREAD of linux/sched.h, which Glibc's module does not export.
    private static let cloneThread: UInt64 = 0x1_0000

    private static let allowed = words(
        """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmsg shutdown
        epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd2 pipe pipe2 poll ppoll pselect6 select
        signalfd4 timerfd_create timerfd_gettime timerfd_settime
        access chmod close close_range copy_file_range dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchmod fchmodat
        fchown fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents getdents64
        getxattr lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat newfstatat open openat
        pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename renameat renameat2
        rmdir sendfile stat statfs statx sync_file_range umask unlink unlinkat utimensat write writev
        brk madvise membarrier mincore mlock mlock2 mmap mprotect mremap msync munlock munmap pkey_alloc pkey_mprotect
        arch_prctl exit exit_group futex futex_requeue futex_wait futex_wake futex_waitv get_robust_list getcpu getpid
        getppid getpriority getrandom getrlimit getrusage gettid restart_syscall riscv_flush_icache
        riscv_hwprobe rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend
        rt_sigtimedwait sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam
        sched_getscheduler sched_yield seccomp set_robust_list set_tid_address setrlimit sigaltstack sysinfo uname
        clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep time times
        getegid geteuid getgid getgroups getresgid getresuid getuid
        """)

    /// Nothing that a server does by mistake.
    private static let fatal = words(
        """
        execve execveat ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp
        init_module finit_module delete_module kexec_load kexec_file_load bpf perf_event_open userfaultfd io_uring_setup
        mount umount2 move_mount fsmount fsopen open_tree pivot_root chroot unshare setns reboot swapon swapoff
        setuid setgid setreuid setregid setresuid setresgid setgroups capset keyctl add_key request_key acct
        """)

    private static let setup = words(
        """
        socket connect bind listen sendmmsg recvmsg seccomp
        chmod fchmodat fchown utimensat link linkat
        """)

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
