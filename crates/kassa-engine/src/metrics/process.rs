//! Metrics of the process, with the names that Prometheus's own libraries use. Linux only.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use super::catalogue::MetricGroup;

/// The figures of the process, read when the metrics are.
#[derive(Clone, Default)]
pub(super) struct ProcessMetrics {
    cpu_seconds: Counter<f64, std::sync::atomic::AtomicU64>,
    resident_bytes: Gauge,
    virtual_bytes: Gauge,
    open_files: Gauge,
    most_open_files: Gauge,
    threads: Gauge,
    started_at: Gauge,
}

impl ProcessMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add(
            "cpu_seconds",
            "CPU time of the process, in user and system mode",
            self.cpu_seconds.clone(),
        );
        group.add("resident_memory_bytes", "Resident memory of the process", self.resident_bytes.clone());
        group.add("virtual_memory_bytes", "Virtual memory of the process", self.virtual_bytes.clone());
        group.add("open_fds", "Open file descriptors, sockets included", self.open_files.clone());
        group.add("max_fds", "Maximum number of open file descriptors", self.most_open_files.clone());
        group.add("threads", "Threads of the process", self.threads.clone());
        group.add(
            "start_time_seconds",
            "When the process started, in seconds since 1970",
            self.started_at.clone(),
        );
    }

    /// Reads the figures. A figure that cannot be read keeps its last value.
    #[cfg(target_os = "linux")]
    pub(super) fn refresh(&self) {
        let Ok(process) = procfs::process::Process::myself() else { return };
        if let Ok(stat) = process.stat() {
            self.read_stat(&stat);
        }
        if let Ok(count) = process.fd_count() {
            self.open_files.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if let Ok(limits) = process.limits() {
            let most = match limits.max_open_files.soft_limit {
                procfs::process::LimitValue::Value(most) => i64::try_from(most).unwrap_or(i64::MAX),
                procfs::process::LimitValue::Unlimited => i64::MAX,
            };
            self.most_open_files.set(most);
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn refresh(&self) {}

    #[cfg(target_os = "linux")]
    #[expect(clippy::cast_precision_loss, reason = "ticks of a CPU are far below 2^52")]
    fn read_stat(&self, stat: &procfs::process::Stat) {
        use std::sync::atomic::Ordering;
        let ticks_per_second = procfs::ticks_per_second().max(1);
        let cpu_s = (stat.utime + stat.stime) as f64 / ticks_per_second as f64;
        self.cpu_seconds.inner().store(cpu_s.to_bits(), Ordering::Relaxed);
        let resident = stat.rss.saturating_mul(procfs::page_size());
        self.resident_bytes.set(i64::try_from(resident).unwrap_or(i64::MAX));
        self.virtual_bytes.set(i64::try_from(stat.vsize).unwrap_or(i64::MAX));
        self.threads.set(stat.num_threads);
        if let Ok(booted_at_s) = procfs::boot_time_secs() {
            let started_at_s = booted_at_s + stat.starttime / ticks_per_second;
            self.started_at.set(i64::try_from(started_at_s).unwrap_or(i64::MAX));
        }
    }
}
