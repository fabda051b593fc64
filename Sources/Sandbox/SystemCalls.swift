import CSandbox
import Foundation

/// The system calls that a server makes: those that its tests were seen to make (strace), those that other versions of the C
/// library make in their place, and nothing that reaches beyond the process.
enum SystemCalls {
    static func restrict() -> Restriction {
        let failure = withStrings(allowed) { allowed in
            withStrings(fatal) { fatal in
                csandbox_filter(allowed, allowed.count, fatal, fatal.count, families, families.count)
            }
        }
        return Restriction("seccomp", failure: failure)
    }

    private static func withStrings<Value>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { UnsafePointer($0) })
    }

    private static let families = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]

    private static let allowed = words(
        """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto
        setsockopt shutdown socketpair
        epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd2 pipe pipe2 poll ppoll pselect6 select
        signalfd4 timerfd_create timerfd_gettime timerfd_settime inotify_init1 inotify_add_watch inotify_rm_watch
        access chdir chmod close close_range copy_file_range dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchmod fchmodat
        fchown fcntl fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64
        getxattr ioctl lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat newfstatat open openat openat2
        pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename renameat renameat2
        rmdir sendfile stat statfs statx symlink sync_file_range truncate umask unlink unlinkat utimensat write writev
        brk madvise membarrier mincore mlock mlock2 mmap mprotect mremap msync munlock munmap pkey_alloc pkey_mprotect
        arch_prctl exit exit_group futex futex_requeue futex_wait futex_wake futex_waitv get_robust_list getcpu getpid
        getppid getpriority getrandom getrlimit getrusage gettid kill prctl prlimit64 restart_syscall riscv_flush_icache
        riscv_hwprobe rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
        rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam
        sched_getscheduler sched_setaffinity sched_setscheduler sched_yield set_robust_list set_tid_address setpriority
        setrlimit sigaltstack sysinfo tgkill uname
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

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
