# Sourced by the scripts that install system packages on Debian and Ubuntu.

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@"; fi; }
may_use_apt() { command -v apt-get && as_root true; } >/dev/null 2>&1

install_debian_packages() {
  as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}
