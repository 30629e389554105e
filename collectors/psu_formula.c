/* A raw byte of a sensor as the number that its record makes of it. */
#include "psu_formula.h"

#include <math.h>
#include <stdlib.h>

unsigned sensor_format(const uint8_t *record)
{
	return record[20] >> 6;
}

static double power_of_ten(double value, int exponent)
{
	double scale = 1;

	for (int i = 0; i < abs(exponent); i++)
		scale *= 10;
	return exponent < 0 ? value / scale : value * scale;
}

/* A number of `bits` bits in two's complement. */
static int signed_of(unsigned value, unsigned bits)
{
	return (int)value - (value >> (bits - 1) & 1 ? 1 << bits : 0);
}

static double same(double y)
{
	return y;
}

static double power(double y)
{
	return pow(10, y);
}

static double inverse(double y)
{
	return 1 / y;
}

static double square(double y)
{
	return y * y;
}

static double cube(double y)
{
	return y * y * y;
}

/* 43.1, byte 24: what L is. From 70h on the BMC alone knows, and what is between is reserved. */
static double (*const formulas[])(double) = {
	same, log, log10, log2, exp, power, exp2, inverse, square, cube, sqrt, cbrt,
};

static unsigned formula_of(const uint8_t *record)
{
	return record[23] & 0x7f;
}

bool sensor_formula_is_known(const uint8_t *record)
{
	return formula_of(record) < ARRAY_LEN(formulas);
}

/* 36.3: y = L[(M x + B 10^K1) 10^K2] */
bool sensor_value(const uint8_t *record, uint8_t raw, double *out)
{
	int m = signed_of(record[24] | (record[25] & 0xc0u) << 2, 10);
	int b = signed_of(record[26] | (record[27] & 0xc0u) << 2, 10);
	int result = signed_of(record[29] >> 4, 4),
	    offset = signed_of(record[29] & 15u, 4);
	int x = raw;
	double y;

	if (sensor_format(record) == 1) /* one's complement */
		x = raw & 0x80 ? raw - 255 : raw;
	else if (sensor_format(record) == 2)
		x = signed_of(raw, 8);
	y = power_of_ten(m * (double)x + power_of_ten(b, offset), result);
	*out = formulas[formula_of(record)](y);
	return isfinite(*out);
}
