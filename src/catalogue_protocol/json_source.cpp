// Boost.JSON is compiled here, once for all modules.
#include <boost/json/src.hpp>
