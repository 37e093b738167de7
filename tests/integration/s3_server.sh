#!/usr/bin/env bash
# An S3 server on loopback: Ceph's RADOS gateway over one monitor and one storage daemon that keeps everything in memory.
#
#   s3_server.sh FOLDER PORT MONITOR_PORT
#
# Prints "ENDPOINT KEY SECRET" once it answers, and runs until its standard input closes; then it stops its daemons and
# removes FOLDER. So it never outlives the tests that started it.
# Needs: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
set -euo pipefail

folder=$(realpath -m "${1:?a folder that may be removed}")
port=${2:?a free port for the gateway}
monitor_port=${3:?a free port for the monitor}
key=A4PTESTKEY
secret=a4ptestsecret
log=$folder/log
daemons=()

stop() {
  ((${#daemons[@]})) && kill -KILL "${daemons[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

fail() {
  echo "s3_server.sh: $1" >&2
  tail -n 5 "$log"/* >&2
  exit 1
}

rm -rf "$folder"
mkdir -p "$folder"/{monitor,storage,gateway,sockets,log}
export CEPH_CONF=$folder/ceph.conf
fsid=$(</proc/sys/kernel/random/uuid)
osd=$(</proc/sys/kernel/random/uuid)

cat >"$CEPH_CONF" <<CONF
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$monitor_port
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
# without authentication the gateway waits for ever on the default, secure mode
ms mon client mode = crc
run dir = $folder/sockets
admin socket = $folder/sockets/\$name.asok
log file = $log/\$name
mon cluster log file = $log/cluster
log to stderr = false
# one copy on one disk is all there is
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
# the default of a second is most of the start-up time
paxos propose interval = 0.05
[mon]
mon data = $folder/monitor
mon initial members = a
mon max pg per osd = 2000
[osd]
osd data = $folder/storage
osd objectstore = memstore
memstore device bytes = 2G
osd class load list = *
osd class default list = *
[client]
rgw data = $folder/gateway
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
CONF

monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor_port]" --set-min-mon-release 16 \
  "$folder/monmap" &>"$log/monmaptool" || fail "no map of the monitors"
ceph-mon --mkfs -i a --monmap "$folder/monmap" &>"$log/monitor-mkfs" || fail "the monitor's store was not made"
ceph-mon -i a -f &>"$log/monitor-output" &
daemons+=($!)
timeout 900 ceph osd new "$osd" &>"$log/osd-new" || fail "the monitor does not answer"
ceph-osd -i 0 --mkfs --osd-uuid "$osd" &>"$log/storage-mkfs" || fail "the storage was not made"
ceph-osd -i 0 -f &>"$log/storage-output" &
daemons+=($!)
radosgw -n client.gateway -f &>"$log/gateway-output" &
daemons+=($!)
timeout 900 radosgw-admin -n client.gateway user create --uid=tests --display-name=tests \
  --access-key="$key" --secret-key="$secret" &>"$log/user" || fail "no user was made"

for _ in {1..9000}; do
  if [[ $(curl -s -o "$log/answer" -w '%{http_code}' "http://127.0.0.1:$port/") == 200 ]]; then
    echo "http://127.0.0.1:$port $key $secret"
    cat >/dev/null
    exit 0
  fi
  sleep 0.1
done
fail "the gateway does not answer on port $port"
