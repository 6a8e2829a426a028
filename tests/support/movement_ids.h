#ifndef TESTS_SUPPORT_MOVEMENT_IDS_H_
#define TESTS_SUPPORT_MOVEMENT_IDS_H_

// Ids for the tests of stock movements.

namespace shop {

inline constexpr char kMovementId[] = "019a0000-0000-7000-8000-000000000001";
inline constexpr char kOtherMovementId[] = "019a0000-0000-7000-8000-000000000002";

}  // namespace shop

#endif  // TESTS_SUPPORT_MOVEMENT_IDS_H_
