#!/usr/bin/env bash
# Walks through the shop once, as the Python shop's script did, and prints each answer.
#
# usage: nex-smoketest.sh local | BASE_URL
#
# Where the shop asks for an API key, API_KEY is one with all scopes.
#
# Creates or replaces the product the_odyssey, and deletes it and its order again. Exits 1 at the first wrong answer.
# shellcheck disable=SC2016  # In the conditions, $id and $product are jq's variables.
set -euo pipefail

PREFIX=${1:?"usage: nex-smoketest.sh local | BASE_URL"}
if [ "$PREFIX" = local ]; then
  echo "Local Smoke Test"
  STD_APP_URL=http://localhost:8000
else
  echo "Remote Smoke Test"
  STD_APP_URL=${PREFIX%/}
fi
echo "STD_APP_URL=$STD_APP_URL"

readonly PRODUCT='{"id": "the_odyssey", "title": "The Odyssey", "passenger_capacity": 101, "maximum_speed": 5, "in_stock": 10}'
readonly ORDER='{"order_details": [{"product_id": "the_odyssey", "price": "100000.99", "quantity": 1}]}'

fail() {
  echo "FAILED: $*"
  exit 1
}

# The header with the key. curl reads it from a file: everybody may see its command line.
api_key() {
  [ -z "${API_KEY:-}" ] || printf 'Authorization: Bearer %s\n' "$API_KEY"
}

# request METHOD PATH [BODY]: sends it, sets STATUS and ANSWER, and prints the answer.
request() {
  local method=$1 path=$2 body=()
  if [ $# -gt 2 ]; then
    body=(--data "$3")
  fi
  STEP="$method $path"
  ANSWER=$(curl --silent --show-error --max-time 30 --request "$method" "$STD_APP_URL$path" \
    --header 'Accept: application/json' --header 'Content-Type: application/json' "${body[@]}" --header @<(api_key) \
    --write-out '\n%{http_code}' 2>&1) || fail "$STEP: ${ANSWER//$'\n'/ }"
  STATUS=${ANSWER##*$'\n'}
  ANSWER=${ANSWER%$'\n'*}
  if [ -n "$ANSWER" ]; then
    jq . <<<"$ANSWER" || fail "$STEP: the answer is not JSON"
  fi
}

# expect STATUS [CONDITION [jq OPTION]...]: fails unless the last answer has the status, and its JSON meets the
# condition.
expect() {
  local status=$1
  [ "$STATUS" = "$status" ] || fail "$STEP: status $STATUS instead of $status"
  if [ $# -gt 1 ]; then
    local condition=$2
    shift 2
    jq --exit-status "$@" "$condition" <<<"$ANSWER" >/dev/null || fail "$STEP: not true: $condition"
  fi
}

echo "=== Creating a product id: the_odyssey ==="
request POST /products "$PRODUCT"
expect 200 '. == {id: "the_odyssey"}'

echo "=== Getting product id: the_odyssey ==="
request GET /products/the_odyssey
expect 200 '. == $product' --argjson product "$PRODUCT"

echo "=== Creating Order ==="
request POST /orders "$ORDER"
expect 200 '(.id | type) == "number"'
ID=$(jq .id <<<"$ANSWER")

echo "=== Getting Order ==="
request GET "/orders/$ID"
expect 200 '.id == $id and (.order_details | length) == 1' --argjson id "$ID"
expect 200 '.order_details[0] | .product_id == "the_odyssey" and .price == "100000.99" and .quantity == 1'
expect 200 '.order_details[0].image | endswith("/the_odyssey.jpg")'
expect 200 '.order_details[0].product == ($product | .in_stock = 9)' --argjson product "$PRODUCT"

# Asks for the page that begins with the order, because there may be many orders before it.
echo "=== Listing Orders ==="
request GET "/orders?limit=10&after=$((ID - 1))"
expect 200 'type == "array" and any(.[]; .id == $id)' --argjson id "$ID"

echo "=== Deleting product id: the_odyssey ==="
request DELETE /products/the_odyssey
expect 204

echo "=== Getting deleted product id: the_odyssey ==="
request GET /products/the_odyssey
expect 404 '.error == "PRODUCT_NOT_FOUND"'

echo "=== Deleting Order ==="
request DELETE "/orders/$ID"
expect 204

echo "PASSED"
