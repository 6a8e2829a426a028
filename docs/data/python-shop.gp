# Draws docs/images/python-shop.svg from python-shop.csv; run at the top of the checkout:
#
#   gnuplot docs/data/python-shop.gp
#
# Only cells that were measured on a quiet machine at every size: 3 clients, GET /orders/{id} and POST /orders.

set datafile separator ','

set terminal svg size 960,400 dynamic background 'white' font 'sans-serif,13'
set output 'docs/images/python-shop.svg'
set logscale xy
set xlabel 'products stored'
set ylabel 'median of the response time, ms'
set xrange [90:11000]
set yrange [0.2:4000]
set xtics ('100' 100, '300' 300, '1,000' 1000, '3,000' 3000, '10,000' 10000)
set format y '%g'
set key outside right center noenhanced
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror

rows(system, operation) = sprintf("< awk -F, '$1 == \"%s\" && $2 == \"products\" && $5 == 3 && $6 == \"%s\"' docs/data/python-shop.csv", \
  system, operation)
dash(operation) = operation eq 'get-order' ? 2 : 1
colour(system) = system eq 'ours' ? '#1b6ca8' : system eq 'python-original' ? '#d1495b' : '#edae49'

plot for [system in 'python-original python-repaired-fork ours'] for [operation in 'post-order get-order'] \
  rows(system, operation) using 3:9 with linespoints pt 7 ps 0.5 lw 1.6 \
  dashtype dash(operation) linecolor rgb colour(system) title system.', '.operation
