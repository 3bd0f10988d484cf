#!/bin/sh
# Make a certificate for Maskwise in a local network, signed by an authority of your own that may sign for that name
# and address alone. Needs openssl.
#
#   sh docs/deploy/certificate.sh maskwise.lan 192.168.1.5
#
# writes into the current folder ca.crt (for the devices that shall trust it), ca.key (keep it away from the server),
# site.crt and site.key (for Maskwise). With a ca.key there already, only the site's are made anew.
set -eu
if [ $# != 2 ]; then
    echo "Name and address of the server, please: sh $0 maskwise.lan 192.168.1.5" >&2
    exit 2
fi
name=$1
address=$2
umask 077

if [ ! -e ca.key ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 3650 \
        -keyout ca.key -out ca.crt -subj "/CN=Maskwise at $name" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -addext "nameConstraints=critical,permitted;DNS:$name,permitted;IP:$address/255.255.255.255"
fi
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
    -keyout site.key -out site.csr -subj "/CN=$name"
extensions=$(mktemp)
printf 'subjectAltName=DNS:%s,IP:%s\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' \
    "$name" "$address" >"$extensions"
# No browser takes more than 398 days.
openssl x509 -req -in site.csr -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 397 \
    -extfile "$extensions" -out site.crt
rm site.csr "$extensions"
chmod 644 ca.crt site.crt
openssl verify -CAfile ca.crt site.crt
